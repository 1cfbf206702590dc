/* SPDX-License-Identifier: MIT */
/*
 * A command run under valgrind's tool lackey, its accesses and system calls read from a pipe as they come. When nobody
 * reads, the command waits, so it is never ahead by more than the pipe holds. Nothing is written to disk.
 */
#ifndef LACKEY_H
#define LACKEY_H

#include <limits.h>

#include "misses/client.h"
#include "misses/page_sizes.h"
#include "process/target.h"

#define LACKEY_BUFFER (256 << 10)
#define LACKEY_WORDS  512

struct lackey {
	int stream;        /* read end, not blocking; poll it */
	int stream_child;  /* write end, until the command has it */
	uint64_t capacity; /* of the pipe, bytes */
	struct stream_position position;
	bool started; /* the program's first line has come */
	struct target *target;
	struct client client;
	struct page_sizes sizes;
	uint64_t until_sizes;          /* accesses before smaps is read again */
	uint64_t sizes_age;            /* and from then to the next time */
	char last_words[LACKEY_WORDS]; /* of valgrind, when it gave up; else "" */
	size_t held;                   /* bytes of a line that isn't complete */
	char buffer[LACKEY_BUFFER + 1];
};

/* The path of valgrind, as the command's would be looked for. False: it isn't installed. */
bool lackey_installed(char path[PATH_MAX]);

/* Fork; it waits for target_go(). command: argument vector with a path as [0]. 0, or -1 with a line. */
int lackey_start(struct lackey *lackey, struct target *target, const char *valgrind, char *const *command,
    const struct target_options *options, char error[TARGET_ERROR]);

/* One load, store or both, within one page. */
struct lackey_access {
	uint64_t address, size;
	bool huge;
	struct client_place place;
};

/*
 * Take what has come, at most a buffer full. Returns 1 when there was something, 0 when there wasn't. `take` returns
 * false to have no more.
 */
int lackey_read(struct lackey *lackey, bool (*take)(void *context, const struct lackey_access *access), void *context);

/* All has come: valgrind ends some lines without a newline, and the last one may be such. */
void lackey_finish(
    struct lackey *lackey, bool (*take)(void *context, const struct lackey_access *access), void *context);

/* Read and drop what has come. */
void lackey_discard(struct lackey *lackey);

void lackey_close(struct lackey *lackey);

#endif
