/* SPDX-License-Identifier: MIT */
/*
 * The lines of `valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes`, taken apart. They come in the order in
 * which the program runs: an access's line after the access, a system call's result in its line, or in a later one of
 * the same thread. Pure.
 */
#ifndef LACKEY_LINE_H
#define LACKEY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALL_ARGUMENTS 6

enum lackey_kind {
	LACKEY_OTHER, /* valgrind's own messages */
	LACKEY_INSTRUCTION,
	LACKEY_LOAD,
	LACKEY_STORE,
	LACKEY_MODIFY, /* a load and a store of the same address by one instruction */
	LACKEY_CALL,
};

struct lackey_line {
	enum lackey_kind kind;
	uint64_t address;
	uint64_t size;
	/* LACKEY_CALL: */
	unsigned int thread;
	unsigned int number;
	bool begins; /* arguments are in it */
	bool ends;
	bool failed;
	uint64_t argument[CALL_ARGUMENTS];
	uint64_t result;
	const char *path; /* a string argument's text, in the line; NULL: none */
	size_t path_length;
};

/*
 * text: one line, without its end, followed by a 0. Returns where another line follows on the same one (valgrind ends a
 * few without a newline), or NULL.
 */
const char *lackey_parse(const char *text, struct lackey_line *line);

#endif
