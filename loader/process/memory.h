/* SPDX-License-Identifier: MIT */
/*
 * Another process's memory, read without changing it: only pages that are resident, so that none is faulted in for us.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory {
	pid_t process; /* 0: it can't be read */
	int contents;
	int pages; /* -1, as `contents`: this process may not open them */
};

/*
 * 0; or -1 with errno: EACCES or EPERM, it is somebody else's and CAP_SYS_PTRACE is missing; ENOSYS, the kernel is
 * built without NUMA and CAP_DAC_READ_SEARCH is missing. Nothing can be read then.
 */
int memory_open(struct memory *memory, pid_t process);

/* 0, or -1 when not all of it is resident. context: a struct memory. */
int memory_read(void *context, uint64_t address, void *buffer, size_t size);

/* The first page from `page` on, before `end` (addresses of pages), that is resident; `end`: none. Many at a time. */
uint64_t memory_next_resident(const struct memory *memory, uint64_t page, uint64_t end);

/* Nothing was ever written to the page of this address, or all was given back: false when that isn't known, too. */
bool memory_untouched(void *context, uint64_t address);

/* How much may be looked at. */
struct memory_limit {
	uint64_t until_ns; /* CLOCK_MONOTONIC */
	size_t pages;      /* that may still be looked at one by one, where the kernel (before 6.7) has no better way */
};

bool memory_in_time(const struct memory_limit *limit);

/*
 * Calls `found` for each run of resident pages in [start, end), in order of addresses; neighbouring calls may touch. 0,
 * or -1 with errno when it can't be said, or not of all; ETIMEDOUT: a limit was reached.
 */
int memory_each_resident(const struct memory *memory, uint64_t start, uint64_t end, struct memory_limit *limit,
    void (*found)(void *context, uint64_t start, uint64_t end), void *context);

void memory_close(struct memory *memory);

#endif
