/* SPDX-License-Identifier: MIT */
/*
 * Where the C library calls main: how deep in the stack, and from which instruction. Both are the same in every program
 * that runs on this build of the library, so BPF can tell whether main has begun by one look at a stack.
 */
#ifndef MAIN_CALL_H
#define MAIN_CALL_H

#include <stdint.h>

struct main_call {
	uint64_t depth;  /* from the initial stack pointer down to main's return address; 0: not known */
	uint64_t offset; /* of that address from the library's first page */
};

/* To be called by main, with its own arguments, return address and frame. */
void main_call_learn(char *const *arguments, const void *return_address, const void *frame);

/* What was learned; all 0 when this program itself does not start through a shared C library. */
struct main_call main_call_known(void);

#endif
