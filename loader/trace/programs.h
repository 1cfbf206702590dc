/* SPDX-License-Identifier: MIT */
/*
 * Which BPF programs a tracer loads: those of the selected rungs, as far as this kernel has what they hook, and what
 * every rung needs; and the constants by which the verifier drops what does not apply.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "trace/rung.h"

struct tracer;

/* The rung that a program belongs to, and for which subject; NULL: it is shared by all. */
const struct rung *programs_rung(const char *program, enum subject *subject);

/* Once the object is open, before it is loaded. */
void programs_choose(struct tracer *tracer);

#endif
