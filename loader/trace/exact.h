/* SPDX-License-Identifier: MIT */
/* Attaching the exact rung: its programs to the places where the kernel clears pages. */
#ifndef EXACT_H
#define EXACT_H

#include "trace/tracer.h"

/* Is this one of the programs that exact_attach() attaches, and nothing else does? */
bool exact_attaches(const char *program);

/* 0, or -1 with a line in reason: then the page allocator's clearing can't be seen. Other places are optional. */
int exact_attach(struct tracer *tracer, char reason[REFUSAL_TEXT]);

#endif
