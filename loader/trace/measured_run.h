/* SPDX-License-Identifier: MIT */
/*
 * One untraced run of a command, and what it cost as the kernel has it: clock, wait4, hardware counters where the
 * machine has any. Nothing looks into the command; what it costs to measure is a few system calls before and after.
 */
#ifndef MEASURED_RUN_H
#define MEASURED_RUN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "snapshot/experiment.h"

struct measured_options {
	char *const *command;     /* NULL-terminated */
	const char *file;         /* what to exec, NULL: command[0], searched in PATH */
	char *const *environment; /* "NAME=VALUE" set for it alone, NULL-terminated; NULL: none */
	const char *preload;      /* path put in front of LD_PRELOAD, or NULL */
	const cpu_set_t *cpus;    /* it may run on; NULL: any */
	bool as_root;             /* under sudo, don't go back to the user who called it */
	bool counted;             /* by hardware counters */
	int output, errors;       /* descriptors for its stdout and stderr; its stdin is /dev/null */
};

struct measured_run {
	int status; /* as wait4 gave it */
	uint64_t wall_ns, user_ns, system_ns;
	uint64_t minor, major;            /* faults of the command and what it waited for, from its exec on */
	uint64_t max_rss_bytes;           /* UNKNOWN when the launcher's own hides it */
	uint64_t counters[MEASURE_COUNT]; /* UNKNOWN where there is none */
	double counted;                   /* least share of the time in which one counted; NAN: none did */
	bool interrupted;                 /* measured_run_interrupt() ended it */
};

#define MEASURED_ERROR 512

/* Run it to its end. 0, or -1 with a line in error: it could not be started (*exec_error is then its errno, or 0). */
int measured_run(
    const struct measured_options *options, struct measured_run *run, int *exec_error, char error[MEASURED_ERROR]);

/* Kill the run with its process group, and start no other. May be called by a signal handler. */
void measured_run_interrupt(void);
bool measured_run_interrupted(void);

#endif
