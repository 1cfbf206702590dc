/* SPDX-License-Identifier: MIT */
/*
 * One address space as it is put together from what is told of it: ranges that don't overlap, each with its owner. What
 * is added last holds. Pure.
 */
#ifndef ADDRESS_SPACE_H
#define ADDRESS_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space_range {
	uint64_t start, end;
	size_t owner; /* the caller's number */
};

struct address_space {
	struct space_range *ranges; /* in the order of their addresses */
	size_t count, room;
	size_t last; /* the one that was looked up last */
};

void space_free(struct address_space *space);

/* 0, or -1 when out of memory. Nothing is done where start >= end. */
int space_add(struct address_space *space, uint64_t start, uint64_t end, size_t owner);
int space_remove(struct address_space *space, uint64_t start, uint64_t end);
int space_copy(struct address_space *into, const struct address_space *from);

/* The range that has the address, NULL: none. It holds until the space changes. */
const struct space_range *space_find(struct address_space *space, uint64_t address);

/* The first that reaches beyond an address; NULL: none. */
const struct space_range *space_next(const struct address_space *space, uint64_t address);

#endif
