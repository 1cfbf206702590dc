/* SPDX-License-Identifier: MIT */
/*
 * Processes and what is mapped in each of them, of which the later wins, kept from the kernel's records. A process is
 * forgotten when it has ended and others have since: on a machine that starts many, memory is that of those that run.
 */
#ifndef MAPPED_PROCESS_H
#define MAPPED_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/address_space.h"

/* Where the byte at `address` comes from. */
struct mapping {
	size_t object;
	uint64_t address, offset, mapped_ns;
};

struct mapped_process {
	uint32_t pid;
	bool followed;
	bool ended;                 /* its first thread has */
	char *program;              /* the path of what it executes: the first file that is mapped executable */
	struct address_space space; /* owners are mappings */
	struct mapping *mappings;
	size_t mapping_count, mapping_room;
};

struct mapped_processes {
	struct mapped_process *list; /* the newest of a number last */
	size_t count, room;
	size_t ended, enough; /* those that have, and at how many we look for what can be forgotten */
	size_t ever;          /* how many there have been */
	uint64_t lost;        /* records for want of memory */
};

/* The newest of that number; NULL: none. Pointers hold until the next call of one of the others. */
struct mapped_process *mapped_process_find(const struct mapped_processes *processes, uint32_t pid);

/* Another one, of which nothing is known. NULL: out of memory, counted as lost. */
struct mapped_process *mapped_process_add(struct mapped_processes *processes, uint32_t pid);

/* A followed process has a child, which has all that it has; of another's number, that one is over. */
void mapped_process_fork(struct mapped_processes *processes, uint32_t parent, uint32_t pid);

/* It executes another program: nothing is mapped any more. */
void mapped_process_exec(struct mapped_process *process);

/* The bytes [start, end) are of that mapping. 0, or -1 when out of memory. */
int mapped_process_map(struct mapped_process *process, uint64_t start, uint64_t end, const struct mapping *mapping);

/* Its first thread has ended: the process with it, unless others live on. */
void mapped_process_end(struct mapped_processes *processes, uint32_t pid);

void mapped_processes_free(struct mapped_processes *processes);

#endif
