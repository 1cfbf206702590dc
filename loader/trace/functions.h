/* SPDX-License-Identifier: MIT */
/* Phases that begin with a function of a program (bpf/mark.h). */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "trace/tracer.h"

/* Before the tracer is started: functions will be marked. */
void functions_want(void);
bool functions_wanted(void);

/*
 * A phase begins, named like the function, whenever a traced process calls this function of this file. Every process
 * that runs the file has a breakpoint there until the tracer stops. 0, or -1 with what is wrong in error.
 */
int functions_mark(struct tracer *tracer, const char *path, const char *function, char error[TRACER_ERROR]);

#endif
