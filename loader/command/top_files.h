/* SPDX-License-Identifier: MIT */
/* The files of hakmem-trace top: what its command writes, and snapshots that the user has saved. */
#ifndef TOP_FILES_H
#define TOP_FILES_H

#include <limits.h>
#include <stdint.h>

#include "command/options.h"

/*
 * The command's standard streams. Those of ours that are a terminal can't be its, for the screen is ours and the keys,
 * too: its stdin is then empty, its stdout and stderr a file, both the same. The others it has as they are.
 */
struct top_streams {
	int streams[3];
	int file; /* -1: none was needed */
	char path[PATH_MAX];
};

/* 0, or -1 after complaining. */
int top_streams_open(struct top_streams *streams, const char *name);

/* Says where the output is; a file that nothing was written to is removed. */
void top_streams_close(struct top_streams *streams);

/* Into a new file of this folder as JSON; its name, or what went wrong, into text. */
void top_save(const struct options *options, const struct snapshot *snapshot, char *text, size_t size);

#endif
