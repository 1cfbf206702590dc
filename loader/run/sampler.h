/* SPDX-License-Identifier: MIT */
/*
 * Samples of where a command and all that it starts spend CPU time: cycles where the machine has a PMU that this kernel
 * may use, else the clock. Kept by place, with names.
 */
#ifndef SAMPLER_H
#define SAMPLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "snapshot/sampled.h"

#define SAMPLER_ERROR 512

struct sampler;

/* What it samples by, and how well: the same for all runs. */
struct sampler_facts {
	const char *event;  /* "cycles", "cpu-clock" */
	uint64_t period;    /* cycles, or ns */
	bool kernel;        /* samples in the kernel are taken, too */
	bool kernel_known;  /* and its functions have names */
	bool everywhere;    /* sampled is the machine, and others' samples are dropped */
	double overhead;    /* by how much it slows what only computes, as a share; NAN: not known */
	bool late;          /* samples may be late: the event is a clock */
	uint64_t lost;      /* samples and records */
	uint64_t processes; /* that were followed */
	bool hides_malloc;  /* of a C library can't be told which functions are its malloc's */
	uint64_t throttled; /* times */
	bool stacks;        /* some sample had more than one frame */
};

/* A frequency in samples a second and CPU. NULL with a line in error. */
struct sampler *sampler_new(unsigned int frequency, char error[SAMPLER_ERROR]);
void sampler_free(struct sampler *sampler);

/* Sample this task, which is about to exec, and all that it forks, added to what there is. 0, or -1 with an error. */
int sampler_arm(struct sampler *sampler, pid_t pid, char error[SAMPLER_ERROR]);

int sampler_descriptor(const struct sampler *sampler); /* poll for reading, then sampler_drain(); -1: none */
void sampler_drain(struct sampler *sampler);
void sampler_stop(struct sampler *sampler); /* until armed again */

struct sampler_facts sampler_facts(const struct sampler *sampler);

/* Hand over all places; returns the first result that isn't 0. Their strings live as long as the sampler. */
int sampler_each(const struct sampler *sampler, int (*take)(void *context, const struct sampled *place), void *context);

/* Has the kernel a function for which `is` holds? False when its functions have no names. */
bool sampler_kernel_has(const struct sampler *sampler, bool (*is)(const char *name));

/* Objects with samples of which only exported functions are known; *from starts as 0. NULL: no more. */
const char *sampler_stripped(const struct sampler *sampler, size_t *from);

#endif
