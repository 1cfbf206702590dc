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
	int contents;
	int pages;
};

/* 0; or -1 with errno, EACCES: it is somebody else's, and CAP_SYS_PTRACE is missing. */
int memory_open(struct memory *memory, pid_t process);

/* 0, or -1 when not all of it is resident. context: a struct memory. */
int memory_read(void *context, uint64_t address, void *buffer, size_t size);

void memory_close(struct memory *memory);

#endif
