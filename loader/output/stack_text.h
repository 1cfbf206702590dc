/* SPDX-License-Identifier: MIT */
/*
 * A stack in one line, as flame graph tools read it: frames with `;` between them, the outermost first. Kernel
 * functions end in _[k], inlined ones in _[i] and compiled ones of a JIT in _[j]. Control characters and `;` in names
 * are replaced, and what is no valid UTF-8.
 */
#ifndef STACK_TEXT_H
#define STACK_TEXT_H

#include "snapshot/stacks.h"

/* The process, its frames, and whose memory it is: "bench;main;f;[stack main]". A new string; NULL when out of memory.
 */
char *stack_text_whole(const struct stacks *stacks, const struct stack_key *key);

/* The frames alone, "" for none. */
char *stack_text_frames(const struct stacks *stacks, const struct frames *frames);

#endif
