/* SPDX-License-Identifier: MIT */
/*
 * Another process's memory, read without changing it: only pages that are resident, so that none is faulted in for us.
 */
#ifndef MEMORY_H
#define MEMORY_H

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

void memory_close(struct memory *memory);

#endif
