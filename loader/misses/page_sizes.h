/* SPDX-License-Identifier: MIT */
/*
 * Which of a program's memory has pages of 2 MiB: as the kernel says, or as it is to be supposed.
 */
#ifndef PAGE_SIZES_H
#define PAGE_SIZES_H

#include <sys/types.h>

#include "process/address_space.h"
#include "misses/client.h"

struct page_sizes_rule {
	enum {
		PAGES_AS_THEY_ARE, /* by /proc/PID/smaps, read again and again */
		PAGES_SMALL,
		PAGES_ALLOCATOR, /* each whole 2 MiB of libhakmem's is one page */
		PAGES_ALL,       /* each whole 2 MiB of anonymous memory and heaps is one page */
		PAGES_RANGE,     /* the whole ones between two addresses */
	} kind;
	uint64_t start, end;
};

/* "smaps", "none", "allocator", "all", or "START-END" in hexadecimal. 0, or -1 when it is none of these. */
int page_sizes_parse(const char *text, struct page_sizes_rule *rule);
const char *page_sizes_words(const struct page_sizes_rule *rule);

struct page_sizes {
	struct page_sizes_rule rule;
	struct address_space huge; /* PAGES_AS_THEY_ARE: owner 1: all of it huge; 0: some, smaps doesn't say which */
	uint64_t partly;           /* accesses to the latter: taken for 4 KiB */
};

/* text: of /proc/PID/smaps. 0, or -1 when out of memory. */
int page_sizes_take(struct page_sizes *sizes, const char *text);
void page_sizes_free(struct page_sizes *sizes);

bool page_sizes_is_huge(struct page_sizes *sizes, uint64_t address, const struct client_place *place);

#endif
