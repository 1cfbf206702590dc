/* SPDX-License-Identifier: MIT */
/*
 * Call stacks of faults, from the records that BPF writes (bpf/stacks.h) to rows of raw frames: unwinds copies of
 * stacks while the processes that they are of are alive, and says how many are to be taken. Not thread-safe.
 */
#ifndef STACK_COLLECTOR_H
#define STACK_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "snapshot/stacks.h"
#include "stack/jit_maps.h"
#include "stack/stack_rows.h"

struct trace; /* the skeleton */

/* What stacks are wanted. */
struct stack_wish {
	bool wanted;
	enum unwinding unwinding;
	uint32_t copy_bytes; /* of each stack at most, with UNWINDING_DWARF */
	bool all;            /* of every fault, whatever it costs */
	bool kernel;         /* with the kernel's frames */
	bool sites;          /* who allocated the memory, too */
	double most;         /* else: allowed overhead, as a share of the traced tasks' run time */
	/* Called now and then while stacks are named, and at the end with both the same; or NULL. */
	void (*progress)(size_t done, size_t all);
};

#define STACK_COPY_DEFAULT 32768
#define STACK_COPY_LARGEST 65536

struct stack_losses {
	uint64_t room; /* stacks that there was no room for */
	uint64_t cut;  /* whose outermost frames are missing */
};

struct stack_collector;

/* Tell the programs, before they are loaded. 0, or -1 with errno. */
int stack_collector_prepare(struct trace *skeleton, const struct stack_wish *wish);

/* Once they are. attaches: to whatever runs. NULL with errno. */
struct stack_collector *stack_collector_new(struct trace *skeleton, const struct stack_wish *wish, bool attaches);
void stack_collector_free(struct stack_collector *collector);

/* Follow a task that is about to execute a program. 0, or -1 with errno. */
int stack_collector_arm(struct stack_collector *collector, pid_t pid);

/* Forget what there is, and take stacks from now on. */
void stack_collector_begin(struct stack_collector *collector);

/* Poll for reading, then take what is there. faults, runtime_ns: of all traced tasks so far. */
int stack_collector_descriptor(const struct stack_collector *collector);
void stack_collector_drain(struct stack_collector *collector, uint64_t faults, uint64_t runtime_ns);

/* Who allocated memory; NULL: that isn't wanted. */
struct alloc_sites *stack_collector_sites(const struct stack_collector *collector);

/* Probe this file if it is libhakmem or has it. */
void stack_collector_expect(struct stack_collector *collector, const char *path);
/* The same of the files of a process that is about to be attached to. */
void stack_collector_expect_process(struct stack_collector *collector, pid_t pid);

/* Hooks are no longer to be hit. */
void stack_collector_stop(struct stack_collector *collector);

/* What was taken so far. */
struct stack_rows *stack_collector_rows(struct stack_collector *collector);
struct code_files *stack_collector_files(struct stack_collector *collector);
struct jit_maps *stack_collector_jit_maps(struct stack_collector *collector);
struct stack_losses stack_collector_losses(const struct stack_collector *collector);

/* Nanoseconds that taking stacks has cost the traced tasks. */
uint64_t stack_collector_cost(const struct stack_collector *collector);

#endif
