// SPDX-License-Identifier: MIT
/* /proc/PID/mem, after a look at /proc/PID/pagemap. */
#include "trace/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PAGE_SHIFT 12
#define PRESENT    (1ULL << 63) /* Documentation/admin-guide/mm/pagemap.rst */

static int open_file(pid_t process, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int memory_open(struct memory *memory, pid_t process)
{
	memory->pages = -1;
	memory->contents = open_file(process, "mem");
	if (memory->contents >= 0)
		memory->pages = open_file(process, "pagemap");
	if (memory->pages >= 0)
		return 0;
	memory_close(memory);
	return -1;
}

static int resident(const struct memory *memory, uint64_t page)
{
	uint64_t entry;

	return pread(memory->pages, &entry, sizeof(entry), page * sizeof(entry)) == sizeof(entry) && entry & PRESENT;
}

int memory_read(void *context, uint64_t address, void *buffer, size_t size)
{
	const struct memory *memory = context;

	if (!size || address >> 47 || memory->contents < 0)
		return -1;
	for (uint64_t page = address >> PAGE_SHIFT; page <= (address + size - 1) >> PAGE_SHIFT; page++)
		if (!resident(memory, page))
			return -1;
	return pread(memory->contents, buffer, size, address) == (ssize_t)size ? 0 : -1;
}

void memory_close(struct memory *memory)
{
	if (memory->contents >= 0)
		close(memory->contents);
	if (memory->pages >= 0)
		close(memory->pages);
	memory->contents = memory->pages = -1;
}
