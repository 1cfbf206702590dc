/* SPDX-License-Identifier: MIT */
/* Which of the files that were mapped are allocators, and which programs contain their C library. */
#ifndef RECOGNISE_H
#define RECOGNISE_H

#include "trace/tracer.h"

/* Tells owner.h the allocators. Returns what therefore can't be told apart, in words, or NULL; good until the next
 * call. */
const char *recognise_files(struct tracer *tracer);

#endif
