/* SPDX-License-Identifier: MIT */
/* --stacks, --call-graph, --kernel-stacks and --alloc-sites. Functions return -1, or EXIT_USAGE after complaining. */
#ifndef STACK_OPTIONS_H
#define STACK_OPTIONS_H

#include "stack/stack_collector.h"

struct stack_options {
	struct stack_wish wish;
	bool given;                       /* --call-graph or --kernel-stacks */
	bool by_dwarf, by_frame_pointers; /* neither: auto */
};

int stack_options_stacks(struct stack_options *options, const char *text); /* NULL: no argument was given */
int stack_options_call_graph(struct stack_options *options, const char *text);

/* auto: by what the program at `path` (NULL: not known) and the C library were compiled to. */
enum unwinding stack_options_unwinding(const struct stack_options *options, const char *path);

/* Once all options are in. max_overhead: a share. */
int stack_options_check(struct stack_options *options, double max_overhead);

#endif
