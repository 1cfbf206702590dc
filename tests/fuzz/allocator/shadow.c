// SPDX-License-Identifier: MIT
/*
 * shadow: live blocks in one array, their numbers sorted by address in another. All contents are cut from one pattern,
 * whose length is prime, so that pages that were exchanged or shifted show.
 */
#include "shadow.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN 4099
/* Contents are written and compared so many bytes at a time. */
#define STRIDE ((size_t)16 * PATTERN)
#define FREED  0xd5

static unsigned char pattern[PATTERN + STRIDE];
static struct shadow blocks[SHADOW_BLOCKS];
static uint16_t sorted[SHADOW_BLOCKS];
static size_t count, bytes;
static unsigned int next_at;

void shadow_fail(const char *what, const void *address, size_t size)
{
	fprintf(stderr, "fuzz: %s: block %p of %zu\n", what, address, size);
	abort();
}

size_t shadow_count(void)
{
	return count;
}

size_t shadow_bytes(void)
{
	return bytes;
}

struct shadow *shadow_block(size_t number)
{
	return &blocks[number];
}

static void make_pattern(void)
{
	uint32_t value = 1;

	for (size_t i = 0; i < sizeof(pattern); i++) {
		value = value * 1664525 + 1013904223;
		/* No byte is zero. */
		pattern[i] = i < PATTERN ? (unsigned char)(value >> 24 | 1) : pattern[i - PATTERN];
	}
}

static void fill(struct shadow *block)
{
	for (size_t done = 0; done < block->filled; done += STRIDE) {
		size_t left = block->filled - done;

		memcpy(block->address + done, pattern + block->at, left < STRIDE ? left : STRIDE);
	}
}

static void compare(const struct shadow *block, const unsigned char *address, size_t size, const char *what)
{
	for (size_t done = 0; done < size; done += STRIDE) {
		size_t left = size - done;

		if (memcmp(address + done, pattern + block->at, left < STRIDE ? left : STRIDE) != 0)
			shadow_fail(what, block->address, block->size);
	}
}

/* How many blocks begin at or before an address. */
static size_t rank(const unsigned char *address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (blocks[sorted[middle]].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void check_apart(const struct shadow *block, size_t place)
{
	const struct shadow *before = place > 0 ? &blocks[sorted[place - 1]] : NULL;
	const struct shadow *after = place < count ? &blocks[sorted[place]] : NULL;

	if ((before != NULL && before->address + before->usable > block->address) ||
	    (after != NULL && block->address + block->usable > after->address))
		shadow_fail("overlaps a live block", block->address, block->size);
}

void shadow_add(void *address, size_t size, size_t usable, size_t alignment, bool zeroed)
{
	struct shadow *block = &blocks[count];
	size_t place = rank(address);

	if (pattern[0] == 0)
		make_pattern();
	*block = (struct shadow){address, size, usable, usable, next_at++ % PATTERN};
	if ((uintptr_t)address % alignment != 0)
		shadow_fail("misaligned", address, size);
	if (usable < size)
		shadow_fail("usable size is too small", address, size);
	check_apart(block, place);
	/* All bytes are equal if each equals the next. */
	if (zeroed && size > 0 && (block->address[0] != 0 || memcmp(address, block->address + 1, size - 1) != 0))
		shadow_fail("not zeroed", address, size);
	memmove(&sorted[place + 1], &sorted[place], (count - place) * sizeof(sorted[0]));
	sorted[place] = (uint16_t)count++;
	bytes += usable;
	fill(block);
}

void shadow_check(const struct shadow *block)
{
	compare(block, block->address, block->filled, "contents have changed");
}

void shadow_check_all(void)
{
	for (size_t i = 0; i < count; i++)
		shadow_check(&blocks[i]);
}

void shadow_check_moved(const struct shadow *block, const void *address, size_t size)
{
	compare(block, address, size < block->filled ? size : block->filled, "contents were lost in a resize");
}

void shadow_forget(struct shadow *block)
{
	size_t place = rank(block->address) - 1, last = count - 1;

	bytes -= block->usable;
	memmove(&sorted[place], &sorted[place + 1], (last - place) * sizeof(sorted[0]));
	count = last;
	if (block != &blocks[last]) {
		sorted[rank(blocks[last].address) - 1] = (uint16_t)(block - blocks);
		*block = blocks[last];
	}
}

void *shadow_remove(struct shadow *block)
{
	void *address = block->address;

	shadow_check(block);
	memset(address, FREED, block->usable);
	shadow_forget(block);
	return address;
}
