/* SPDX-License-Identifier: MIT */
/*
 * Lines for the user (complain.h, libraries' too) while something else has the screen: kept, and written to
 * stderr when it is free again. Of a stderr that is no terminal nothing is kept: it disturbs nobody.
 */
#ifndef KEPT_LINES_H
#define KEPT_LINES_H

#include <stddef.h>
#include <sys/types.h>

struct kept_lines {
	int error, output; /* stderr and stdout, as they were; -1: nothing is kept */
	int kept;          /* a file in memory that has what was written */
	off_t told;        /* of that, what kept_lines_news() has looked at */
};

/* 0, or -1 with errno: then nothing is kept. */
int kept_lines_begin(struct kept_lines *lines);
void kept_lines_end(struct kept_lines *lines);

/* The last line that was written since the last time, without its end; "" for none. */
void kept_lines_news(struct kept_lines *lines, char *line, size_t size);

#endif
