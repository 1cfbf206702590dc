/* SPDX-License-Identifier: MIT */
/*
 * Stacks as they are taken, without names: where each frame lies, and what the faults with one stack have cost. Frames
 * and rows are kept once each. Names are for later (stack_names.h).
 */
#ifndef STACK_ROWS_H
#define STACK_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/stack_record.h"
#include "snapshot/lookup.h"
#include "stack/code_files.h"

enum raw_frame_kind {
	RAW_FILE,
	RAW_NO_FILE, /* of code that a process has made itself: jit, or unknown */
	RAW_KERNEL,
	RAW_EXEC, /* a program was being executed */
	RAW_CUT,  /* none: of the frames before it only the first outside of libhakmem is meant */
};

struct raw_frame {
	enum raw_frame_kind kind;
	uint32_t pid; /* RAW_NO_FILE: whose */
	struct code_location location;
};

struct raw_key {
	struct account_key account;
	uint32_t pid;
	char comm[16];
	uint32_t touched_count, allocated_count;
	const uint32_t *frames; /* indices of frames: touched, then allocated; the innermost first */
};

struct raw_row {
	struct raw_key key;
	uint64_t samples;
	double faults, zeroed_bytes, timed, timed_ns;
};

struct stack_rows {
	struct raw_frame *frames;
	size_t frame_count, frame_room;
	struct raw_row *rows;
	size_t row_count, row_room;
	struct lookup frame_index, row_index;
};

#define RAW_FRAME_NONE UINT32_MAX

#define STACK_ROWS_APART  4096 /* each interval of a live view goes through all of them */
#define STACK_ROWS_MOST   16384
#define STACK_FRAMES_KEPT 65536

/* The index of such a frame; RAW_FRAME_NONE: out of memory, or of STACK_FRAMES_KEPT. */
uint32_t stack_rows_frame(struct stack_rows *rows, const struct raw_frame *frame);

/*
 * The row of that key. There is an end to them, however many processes come: from STACK_ROWS_APART on, a key without a
 * row gets that of pid 0, which is of all processes of its name. NULL: out of memory, or of STACK_ROWS_MOST.
 */
struct raw_row *stack_rows_find(struct stack_rows *rows, const struct raw_key *key);

void stack_rows_free(struct stack_rows *rows);

#endif
