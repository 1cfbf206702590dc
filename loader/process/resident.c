// SPDX-License-Identifier: MIT
/*
 * Which pages are resident, of much memory at once. /proc/PID/pagemap has an entry for each page that could be, so
 * that a reservation of a terabyte has two gigabytes of them; from 6.7 on it can also be asked for runs, and passes
 * over what has no page tables. The kernel holds the process's mmap lock, for reading, while it looks: so no more is
 * asked for at once than takes a fraction of a millisecond.
 */
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "process/memory.h"

#define PAGE_SHIFT    12
#define PRESENT       (1ULL << 63)
#define PAGES_AT_ONCE 2048
#define RUNS_AT_ONCE  64
#define RESIDENT_MOST 65536        /* pages that one call may find */
#define SPAN_AT_ONCE  (8ULL << 30) /* and look for */

/* include/uapi/linux/fs.h, which the headers of older kernels lack. */
struct scan_argument {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_region {
	__u64 start, end, categories;
};

#define PAGEMAP_SCAN    _IOWR('f', 16, struct scan_argument)
#define PAGE_IS_PRESENT (1 << 3)

struct finding {
	struct memory_limit *limit;
	void (*found)(void *context, uint64_t start, uint64_t end);
	void *context;
};

bool memory_in_time(const struct memory_limit *limit)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec < limit->until_ns;
}

static int check_time(const struct finding *finding)
{
	if (memory_in_time(finding->limit))
		return 0;
	errno = ETIMEDOUT;
	return -1;
}

/* 0, or -1 with errno; ENOTTY: the kernel has no such call, and nothing was found. */
static int scan(const struct memory *memory, uint64_t start, uint64_t end, const struct finding *finding)
{
	struct scan_region runs[RUNS_AT_ONCE];

	while (start < end) {
		struct scan_argument argument = {
		    .size = sizeof(argument),
		    .start = start,
		    .end = end - start > SPAN_AT_ONCE ? start + SPAN_AT_ONCE : end,
		    .vec = (unsigned long)runs,
		    .vec_len = RUNS_AT_ONCE,
		    .max_pages = RESIDENT_MOST,
		    .category_mask = PAGE_IS_PRESENT,
		    .return_mask = PAGE_IS_PRESENT,
		};
		int count = ioctl(memory->pages, PAGEMAP_SCAN, &argument);

		if (count < 0)
			return -1;
		if (argument.walk_end <= start) {
			errno = EIO;
			return -1;
		}
		for (int i = 0; i < count; i++)
			finding->found(finding->context, runs[i].start, runs[i].end);
		start = argument.walk_end;
		if (start < end && check_time(finding))
			return -1;
	}
	return 0;
}

/* Which of so many pages are resident, as they are listed. */
static size_t look_in_list(const struct memory *memory, uint64_t page, size_t count, char resident[])
{
	uint64_t entries[PAGES_AT_ONCE];
	ssize_t got = pread(memory->pages, entries, count * sizeof(entries[0]), page * sizeof(entries[0]));

	for (size_t i = 0; got > 0 && i < got / sizeof(entries[0]); i++)
		resident[i] = (entries[i] & PRESENT) != 0;
	return got > 0 ? got / sizeof(entries[0]) : 0;
}

static size_t look_by_moving(const struct memory *memory, uint64_t page, size_t count, char resident[])
{
	void *addresses[PAGES_AT_ONCE];
	int nodes[PAGES_AT_ONCE];

	for (size_t i = 0; i < count; i++) {
		addresses[i] = (void *)((page + i) << PAGE_SHIFT);
		nodes[i] = -1;
	}
	if (syscall(SYS_move_pages, memory->process, count, addresses, NULL, nodes, 0))
		return 0;
	for (size_t i = 0; i < count; i++)
		resident[i] = nodes[i] >= 0;
	return count;
}

static int one_by_one(const struct memory *memory, uint64_t start, uint64_t end, const struct finding *finding)
{
	uint64_t page = start >> PAGE_SHIFT, last = end >> PAGE_SHIFT;
	char resident[PAGES_AT_ONCE];

	/* All of it or nothing: what is left is better spent on others. */
	if (finding->limit->pages < last - page) {
		errno = ETIMEDOUT;
		return -1;
	}
	finding->limit->pages -= last - page;
	while (page < last) {
		size_t count = last - page < PAGES_AT_ONCE ? last - page : PAGES_AT_ONCE;

		count = memory->pages >= 0 ? look_in_list(memory, page, count, resident)
		                           : look_by_moving(memory, page, count, resident);
		if (!count)
			return -1;
		for (size_t i = 0; i < count; i++, page++)
			if (resident[i])
				finding->found(finding->context, page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
		if (page < last && check_time(finding))
			return -1;
	}
	return 0;
}

int memory_each_resident(const struct memory *memory, uint64_t start, uint64_t end, struct memory_limit *limit,
    void (*found)(void *context, uint64_t start, uint64_t end), void *context)
{
	struct finding finding = {limit, found, context};

	if (!memory->process) {
		errno = ESRCH;
		return -1;
	}
	if (memory->pages >= 0 && !scan(memory, start, end, &finding))
		return 0;
	if (memory->pages >= 0 && errno != ENOTTY)
		return -1;
	return one_by_one(memory, start, end, &finding);
}
