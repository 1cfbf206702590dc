/* SPDX-License-Identifier: MIT */
/*
 * One run of a command, and what it cost as the kernel has it: clock, wait4, counters where the machine has any.
 * Nothing looks into the command; what it costs to measure is a few system calls before and after. It runs in a
 * session of its own, without a terminal; its stdin is empty.
 */
#ifndef MEASURED_RUN_H
#define MEASURED_RUN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "snapshot/experiment.h"
#include "machine/counters.h"

struct measured_options {
	char *const *command;     /* NULL-terminated */
	const char *file;         /* what to exec, NULL: command[0], searched in PATH */
	char *const *environment; /* "NAME=VALUE" set for it alone, NULL-terminated; NULL: none */
	const char *preload;      /* path put in front of LD_PRELOAD, or NULL */
	const cpu_set_t *cpus;    /* it may run on; NULL: any */
	bool as_root;             /* under sudo, don't go back to the user who called it */
	const struct counter *counters;
	size_t counter_count;
	int output, errors; /* descriptors for its stdout and stderr */
};

#define MEASURED_ERROR 512

struct measured_run {
	int exec_error;             /* not 0: it never ran, for this errno; the rest is unset */
	char error[MEASURED_ERROR]; /* not empty: it could not even be tried */
	bool interrupted;           /* measured_run_interrupt() ended it */
	int status;                 /* as wait4 gave it */
	uint64_t wall_ns, user_ns, system_ns;
	uint64_t minor, major;            /* faults of the command and what it waited for, from its exec on */
	uint64_t max_rss_bytes;           /* UNKNOWN when the launcher's own hides it */
	uint64_t counters[MEASURE_COUNT]; /* UNKNOWN where there is none */
	uint64_t launcher_ns;             /* processor time of who called this, so far */
	double counted;                   /* least share of the time in which one counted; NAN: none did */
};

/* Run it to its end. 0, or -1 when it never ran. */
int measured_run(const struct measured_options *options, struct measured_run *run);

/* Kill the run with its process group, and start no other. A signal handler may call it. */
void measured_run_interrupt(void);
bool measured_run_interrupted(void);

#endif
