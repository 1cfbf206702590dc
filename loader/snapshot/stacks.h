/* SPDX-License-Identifier: MIT */
/*
 * Who caused it: the call stacks of the faults of a run, with what each has cost. A part of the snapshot, present when
 * stacks were asked for.
 *
 * Stacks are a sample of the faults, each standing for as many as its weight says; where all were taken every weight
 * is 1. So that they add up to what was counted, snapshot_finish() scales each region's and detail's stacks to its
 * row's exact counts (stacks_scale()).
 *
 * Strings, frames and stacks are kept once each and named by their index; 0 is "", and no frame. Not thread-safe.
 */
#ifndef STACKS_H
#define STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

/* One place in code. */
struct frame {
	const char *function; /* as people write it; "": not known */
	const char *object;   /* the file's name, without folders; "[kernel]", "[vdso]", "[jit]"; "": not known */
	const char *source;   /* of the code, as the compiler was told; "": not known */
	uint32_t line;        /* 0: not known */
	bool inlined;         /* into the function of the next frame, its caller */
	bool kernel;
	uint64_t address; /* as the object's own symbols count addresses; of a call, that behind it */
};

/* Frames of one stack, the innermost first: indices of stacks.frames. */
struct frames {
	const uint32_t *frame;
	size_t count;
};

/* What a row is told apart by. Strings and frames are copied by stacks_row(). */
struct stack_key {
	enum region region;
	enum fault_cause cause;
	const char *detail;      /* as of region_row */
	const char *comm;        /* of the process */
	uint32_t pid;            /* of the process */
	struct frames touched;   /* the code that caused the fault; none: it isn't known */
	struct frames allocated; /* the code that allocated the memory, where that was asked for and is known */
};

struct stack_row {
	struct stack_key key;
	uint64_t samples; /* stacks that were taken */

	/* What these stand for: sums of weights. */
	double faults;
	double zeroed_bytes;
	double timed, timed_ns; /* of those whose duration was measured */

	/* What follows: set by stacks_scale(). Whole numbers that add up to what the region row counts exactly; < 0:
	 * not known. */
	double all_faults;
	double all_zeroed_bytes;
	double all_ns;
};

/* How stacks were had. */
enum unwinding {
	UNWINDING_FRAME_POINTERS, /* by the kernel */
	UNWINDING_DWARF,          /* from a copy of the stack, by call frame information */
};

struct stacks {
	enum unwinding unwinding;
	bool sampled; /* not of every fault: figures are estimates */
	bool kernel_frames;
	bool allocation_sites;
	uint64_t lost;  /* stacks that were to be taken, but for which there was no room */
	uint64_t cut;   /* of the taken ones: whose outermost frames are missing */
	uint64_t stale; /* frames in files that were replaced or deleted before they could be read */

	struct frame *frames;
	size_t frame_count; /* [0] is none */
	struct stack_row *rows;
	size_t row_count;

	struct stack_index *index; /* of stacks.c */
};

struct stacks *stacks_new(void); /* NULL when out of memory */
void stacks_free(struct stacks *stacks);

/* The index of such a frame, made if it isn't there; 0 when out of memory. Strings are copied. */
uint32_t stacks_frame(struct stacks *stacks, const struct frame *frame);

/* The row of that key, made if it isn't there; NULL when out of memory. The pointer holds until the next call. */
struct stack_row *stacks_row(struct stacks *stacks, const struct stack_key *key);

/* The numbers in `into` of all frames of `from`; NULL when out of memory. The caller frees them. */
uint32_t *stacks_translate(struct stacks *into, const struct stacks *from);

/* As stacks_row(), of the same key as a row whose frames have these numbers here. */
struct stack_row *stacks_same_row(struct stacks *into, const struct stack_row *from, const uint32_t *numbers);

/* Add rows, losses and cuts of `from`. 0, or -1 when out of memory. */
int stacks_add(struct stacks *into, const struct stacks *from);

/* Take the rows of `before`, of the same run at an earlier time, from `later`; those without samples are dropped. 0, or
 * -1 when out of memory. */
int stacks_subtract(struct stacks *later, const struct stacks *before);

/* About how much memory they take. */
size_t stacks_bytes(const struct stacks *stacks);

/* Put rows (struct stack_row) in order, as qsort_r() does, with the stacks as context. 0, or -1 when out of memory. */
int stacks_sort(struct stacks *stacks, int (*compare)(const void *one, const void *other, void *stacks));

/*
 * Set what follows, from the rows of the snapshot that these stacks are of; most faults first. Regions and details of
 * which there is no stack get a row without samples, process and frames, so that stacks add up to the totals, too.
 */
void stacks_scale(struct stacks *stacks, const struct snapshot *snapshot);

/* "fp", "dwarf" */
const char *unwinding_name(enum unwinding unwinding);

/* What to call a frame in one word: its function, else "object+0x1234", else "0x1234", else "?". It may lie in text. */
#define FRAME_TEXT 512
const char *frame_name(const struct frame *frame, char text[FRAME_TEXT]);

#endif
