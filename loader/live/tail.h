/* SPDX-License-Identifier: MIT */
/* The end of what a program wrote into a file, as lines to look at: what it meant for a terminal's cursor is left out.
 */
#ifndef TAIL_H
#define TAIL_H

#include <stddef.h>
#include <stdint.h>

#define TAIL_LINES 200

struct tail {
	char *lines[TAIL_LINES];
	size_t count;
	uint64_t bytes; /* of the file */
};

/* Of an open file, from its last few KiB. 0, or -1 with errno. */
int tail_read(struct tail *tail, int descriptor);
void tail_free(struct tail *tail);

/* Of bytes; starts_within: the first line's beginning is missing. */
int tail_of(struct tail *tail, const char *bytes, size_t size, int starts_within);

#endif
