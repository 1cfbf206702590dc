/* SPDX-License-Identifier: MIT */
/*
 * From a thread's registers and a copy of the end of its stack to the frames of its callers, by call frame information
 * (libdwfl), or by frame pointers in code that has none. One unwinder is of one address space; files are asked for when
 * code in them is come across. Not thread-safe.
 */
#ifndef UNWINDER_H
#define UNWINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwinder;

/* A piece of a file that is mapped. */
struct unwinder_file {
	uint64_t start, size; /* in memory */
	int descriptor;       /* of the ELF file; the caller's */
	const char *name;     /* of the file, for nobody but a debugger */
	uint64_t bias;        /* address in memory, less that in the file's own address space */
	const void *file;     /* tells files apart */
};

/* The first one at or above an address, which is then that behind it. False: there is none. */
typedef bool unwinder_lookup(void *context, uint64_t *address, struct unwinder_file *file);

/* x86-64's registers in the order that DWARF numbers them, and the instruction pointer behind them (psABI,
 * figure 3.36).
 */
#define UNWINDER_REGISTERS 17

struct unwinder_thread {
	uint64_t registers[UNWINDER_REGISTERS];
	uint64_t start; /* address of the stack's first byte */
	const void *bytes;
	size_t pages;
	uint64_t present; /* bit by bit: which pages there are */
};

struct unwinder *unwinder_new(unwinder_lookup *lookup, void *context); /* NULL with errno */
void unwinder_free(struct unwinder *unwinder);

/*
 * The innermost frame first, each as an address of its instruction (of a call: a byte of it), at most so many. *whole:
 * the outermost one is there, too. How many there are.
 */
size_t unwinder_frames(
    struct unwinder *unwinder, const struct unwinder_thread *thread, uint64_t *frames, size_t most, bool *whole);

#endif
