/* SPDX-License-Identifier: MIT */
/*
 * Who owns which addresses of a command and all that it forks, by nothing but perf's records of fork, exec and mmap.
 * The kernel says neither who asked for memory nor when it went: what is mapped last holds.
 */
#ifndef PERF_SPACES_H
#define PERF_SPACES_H

#include "bpf/types.h"
#include "machine/perf_decode.h"
#include "process/address_space.h"

/* An owner as BPF would have it, with its object by name. */
struct perf_owner {
	enum owner_kind kind;
	char *object;
};

struct perf_process {
	size_t number; /* its index */
	uint32_t pid, parent;
	char comm[16];
	char *program; /* path */
	bool traced;   /* an exec was seen */
	uint32_t execs;
	struct address_space space; /* owners are indices of perf_spaces.owners */
};

struct perf_spaces {
	struct perf_owner *owners;
	size_t owner_count;
	struct perf_process **processes;
	size_t process_count;
	uint64_t lost; /* records for which there was no memory */
};

/* The one process that is known before it executes the command. 0, or -1 when out of memory. */
int perf_spaces_start(struct perf_spaces *spaces, uint32_t pid, uint32_t parent);
void perf_spaces_free(struct perf_spaces *spaces);

/* Take a record that is none of a sample. */
void perf_spaces_take(struct perf_spaces *spaces, const struct perf_record *record);

/* The newest process of that number that was seen to execute something, or comes from such a one; NULL: none. */
struct perf_process *perf_spaces_process(const struct perf_spaces *spaces, uint32_t pid);

/* Whose an address of the process is, as an index of owners; SIZE_MAX: out of memory. */
size_t perf_spaces_owner(struct perf_spaces *spaces, struct perf_process *process, uint64_t address);

/* The same of the kernel's own addresses. */
size_t perf_spaces_kernel(struct perf_spaces *spaces);

#endif
