// SPDX-License-Identifier: MIT
/*
 * Two ways to the same: /proc/PID/mem after a look at /proc/PID/pagemap, files that only their owner may open without
 * CAP_DAC_READ_SEARCH; or process_vm_readv() after move_pages(), which CAP_SYS_PTRACE allows and CONFIG_NUMA has. Asked
 * to move pages nowhere, the latter says where each is, and finds none that it would have to fault in.
 */
#include "process/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE_SHIFT 12
#define PRESENT    (1ULL << 63) /* Documentation/admin-guide/mm/pagemap.rst */
#define SWAPPED    (1ULL << 62)

static int open_file(pid_t process, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Of no page at all: whether it may be asked. */
static int may_ask(pid_t process)
{
	return syscall(SYS_move_pages, process, 0, NULL, NULL, NULL, 0) ? -1 : 0;
}

int memory_open(struct memory *memory, pid_t process)
{
	*memory = (struct memory){.process = process, .contents = open_file(process, "mem"), .pages = -1};
	if (memory->contents >= 0)
		memory->pages = open_file(process, "pagemap");
	if (memory->pages >= 0)
		return 0;
	memory_close(memory);
	if (errno == EACCES && !may_ask(process)) {
		memory->process = process;
		return 0;
	}
	return -1;
}

static int resident(const struct memory *memory, uint64_t page)
{
	void *address = (void *)(page << PAGE_SHIFT);
	uint64_t entry;
	int node = -1;

	if (memory->pages < 0)
		return !syscall(SYS_move_pages, memory->process, 1, &address, NULL, &node, 0) && node >= 0;
	return pread(memory->pages, &entry, sizeof(entry), page * sizeof(entry)) == sizeof(entry) && entry & PRESENT;
}

#define AT_ONCE 512

uint64_t memory_next_resident(const struct memory *memory, uint64_t page, uint64_t end)
{
	uint64_t entries[AT_ONCE], first = page >> PAGE_SHIFT, last = end >> PAGE_SHIFT;

	while (first < last && memory->pages < 0 && !resident(memory, first))
		first++;
	while (first < last && memory->pages >= 0) {
		size_t wanted = last - first < AT_ONCE ? last - first : AT_ONCE;
		ssize_t got = pread(memory->pages, entries, wanted * sizeof(entries[0]), first * sizeof(entries[0]));

		if (got < (ssize_t)sizeof(entries[0]))
			return end;
		for (size_t i = 0; i < got / sizeof(entries[0]); i++, first++)
			if (entries[i] & PRESENT)
				return first << PAGE_SHIFT;
	}
	return first < last ? first << PAGE_SHIFT : end;
}

bool memory_untouched(void *context, uint64_t address)
{
	const struct memory *memory = context;
	uint64_t entry;

	return memory->pages >= 0 &&
	       pread(memory->pages, &entry, sizeof(entry), (address >> PAGE_SHIFT) * sizeof(entry)) == sizeof(entry) &&
	       !(entry & (PRESENT | SWAPPED));
}

static ssize_t read_contents(const struct memory *memory, uint64_t address, void *buffer, size_t size)
{
	struct iovec here = {buffer, size}, there = {(void *)address, size};

	if (memory->contents < 0)
		return process_vm_readv(memory->process, &here, 1, &there, 1, 0);
	return pread(memory->contents, buffer, size, address);
}

int memory_read(void *context, uint64_t address, void *buffer, size_t size)
{
	const struct memory *memory = context;

	if (!size || address >> 47 || !memory->process)
		return -1;
	for (uint64_t page = address >> PAGE_SHIFT; page <= (address + size - 1) >> PAGE_SHIFT; page++)
		if (!resident(memory, page))
			return -1;
	return read_contents(memory, address, buffer, size) == (ssize_t)size ? 0 : -1;
}

void memory_close(struct memory *memory)
{
	int error = errno;

	if (memory->contents >= 0)
		close(memory->contents);
	if (memory->pages >= 0)
		close(memory->pages);
	*memory = (struct memory){.contents = -1, .pages = -1};
	errno = error;
}
