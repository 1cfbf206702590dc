/* SPDX-License-Identifier: MIT */
/* The rows of failed faults and of sampled pages (bpf/types.h, struct aside). */
#ifndef ASIDES_H
#define ASIDES_H

#include "trace/tracer.h"

/* As late in a long run (bpf/sample.h), until asides_reset(). */
void asides_sample_seldom(struct tracer *tracer);
/* With tracer_reset(): forget what was sampled so far, so that the next run's sample begins anew. */
void asides_reset(struct tracer *tracer);

#endif
