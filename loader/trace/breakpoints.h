/* SPDX-License-Identifier: MIT */
/* Hardware execution breakpoints on the kernel's clearing of pages, for the breakpoint rung: per task, inherited. */
#ifndef BREAKPOINTS_H
#define BREAKPOINTS_H

#include "trace/tracer.h"

/* Can one be set at the clearing function? As rung.h has it. */
int breakpoints_probe(char reason[REFUSAL_TEXT]);

/* Set both on a task that is about to run. 0, or -1 with a line in reason. */
int breakpoints_arm(struct tracer *tracer, pid_t pid, char reason[REFUSAL_TEXT]);

#endif
