/* SPDX-License-Identifier: MIT */
/*
 * The memory of a program that runs under valgrind, as lackey's stream tells of it: what it has mapped when it begins
 * is read from /proc, all that comes later is told by its system calls, each in its place between the accesses. Knows
 * whose an address is at that place. Only the first program of the first process: valgrind is asked for no other.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <sys/types.h>

#include "process/address_space.h"
#include "misses/lackey_line.h"
#include "process/memory.h"
#include "process/shared_map.h"

#define CLIENT_FILES   1024 /* descriptors of which the path is kept */
#define CLIENT_THREADS 512
#define CLIENT_RECENT  64 /* instructions */

struct client_owner {
	enum owner_kind kind;
	char *object; /* name of its file, or "" */
};

struct client {
	struct address_space space; /* owners are indices of `owners` */
	struct client_owner *owners;
	size_t owner_count;
	struct shared_map map;
	struct memory memory;
	uint64_t program_break;
	char *files[CLIENT_FILES]; /* paths */
	struct {
		struct lackey_line call; /* begun, not ended; number 0: none */
		char *path;
	} pending[CLIENT_THREADS];
	uint64_t instruction; /* the last one's address */
	uint64_t
	    recent[CLIENT_RECENT]; /* the last ones outside of the dynamic loader, which may bind a call's name first */
	size_t recent_at;
	struct {
		uint64_t start, end;
	} loader;       /* its text */
	char *mappings; /* when it began: its stack is among them */
	bool stack_known;
	bool executed;  /* execve was called: what follows is not told */
	uint64_t forks; /* calls: children are not told of */
	bool out_of_memory;
};

/* mappings: the text of its /proc/PID/maps when its first line has come. The stack is where the first access goes. */
int client_start(struct client *client, const char *mappings);
void client_free(struct client *client);

/* One line of the stream, in order. An access only matters where it stores into libhakmem's table, or is the first. */
void client_take(struct client *client, const struct lackey_line *line, struct stream_position position);

/* Whose an address is now. */
struct client_place {
	enum owner_kind kind; /* OWNER_NONE: nothing is known to be mapped there */
	uint32_t block_size;
	size_t owner; /* index of owners, or SIZE_MAX: libhakmem's, or none */
	bool whole;   /* what has it also has all of the 2 MiB around, so that this can be one page */
};

struct client_place client_find(struct client *client, uint64_t address, struct stream_position position);

#endif
