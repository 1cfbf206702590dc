/* SPDX-License-Identifier: MIT */
/* Names of raw frames, each found once. Slow: for when nobody waits. Not thread-safe. */
#ifndef STACK_NAMES_H
#define STACK_NAMES_H

#include <stddef.h>

#include "snapshot/stacks.h"
#include "stack/jit_maps.h"
#include "stack/stack_rows.h"

struct stack_names;

/* NULL: out of memory */
struct stack_names *stack_names_new(struct code_files *files, struct jit_maps *jit_maps);
void stack_names_free(struct stack_names *names);

/* Kernel symbols, as long as they may be read (trace/confine.h); else it is done when the first one is asked for. */
void stack_names_read_kernel(struct stack_names *names);

/* Before a look at many: what has become known of code that is in no file. */
void stack_names_refresh(struct stack_names *names);

/*
 * The frames that a raw one of `rows` stands for, functions inlined there first. Their number is *count; 0: it is
 * nobody's (one of ours, in the kernel). Strings live as long as the names. NULL: out of memory.
 */
const struct frame *stack_names_of(
    struct stack_names *names, const struct stack_rows *rows, uint32_t raw, size_t *count);

#endif
