// SPDX-License-Identifier: MIT
/*
 * Fuzzes the allocator: an input is read as a sequence of calls, each of which is checked against a shadow model
 * (shadow.h) for alignment, overlap, contents, zeroing and usable size; at times the statistics are, too. Calls are
 * made by up to four threads, one at a time, so blocks are freed by others than their owner and outlive it, heaps are
 * taken over, and children are forked; system calls fail when the input says so.
 *
 * The heap stays as it is from one input to the next, as in a program that runs for long: what only a history of inputs
 * shows is shown again by the same seed (allocator.sh). LLVMFuzzerTestOneInput is libFuzzer's entry; driver.c has
 * another.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors.h"
#include "shadow.h"
#include "tested.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Beyond so much only small blocks are asked for: memory is filled and compared whole, which takes its time. */
#define LIVE_MOST (16 * MIB)
/* What a forked child does before it looks at everything and ends. */
#define CHILD_CALLS 40
#define FORKS_MOST  2 /* an input: they take a millisecond and more each */

static struct {
	const uint8_t *next, *end;
	unsigned int actor, forks;
	unsigned long faults; /* that were seen before this call */
	bool leave;           /* the actor has had its turn */
	bool ends;            /* and its thread is to end */
	bool child;
	long calls_left;
	bool alone; /* no other thread has been there since everything was freed: statistics are exact */
} run;

static unsigned int byte(void)
{
	return run.next < run.end ? *run.next++ : 0;
}

/* Sizes near what the pools begin and end with are as likely as others. */
static size_t any_size(void)
{
	unsigned int kind = byte(), value = byte();
	size_t low = kind & 31;

	if (shadow_bytes() > LIVE_MOST)
		return value;
	switch (kind >> 5) {
	case 0:
		return value;
	case 1:
		return value * 16 + low;
	case 2:
		return value * 64 + low;
	case 3:
		return 16 * KIB - 16 + low;
	case 4:
		return value * KIB + low;
	case 5:
		return value < 64 ? value * 16 * KIB + low : value;
	case 6:
		return value < 16 ? MIB - 16 + low : value < 32 ? (value % 8) * MIB + low * 64 * KIB : value * 8 + low;
	default:
		/* Few can be had: most are beyond what an object may have. */
		if (value < 128)
			return value * 4 + low;
		return value < 192 ? SIZE_MAX - low * value : PTRDIFF_MAX - 4 * MIB + low * MIB;
	}
}

static size_t any_alignment(void)
{
	unsigned int value = byte();

	return (size_t)1 << (value < 240 ? value % 14 : value % 23);
}

static struct shadow *any_block(void)
{
	size_t count = shadow_count(), value = byte();

	if (count == 0)
		return NULL;
	/* A quarter are of the newest. */
	return shadow_block(value < 64 && value < count ? count - 1 - value : value * count >> 8);
}

/* A call gave no memory: that is right when a system call failed meanwhile, or when so much cannot be. */
static void check_refusal(size_t size)
{
	if (faults_seen() == run.faults && size < PTRDIFF_MAX / 2)
		shadow_fail("no memory for no reason", NULL, size);
}

static void take(void *address, size_t size, size_t alignment, bool zeroed)
{
	if (address != NULL) {
		shadow_add(address, size, tested_malloc_usable_size(address), alignment, zeroed);
		return;
	}
	check_refusal(size);
	if (errno != ENOMEM)
		shadow_fail("errno is not ENOMEM", NULL, size);
}

static void allocate_aligned(void)
{
	size_t alignment = any_alignment(), size = any_size();

	take(tested_aligned_alloc(alignment, size), size, alignment, false);
}

static void allocate_posix(void)
{
	size_t alignment = any_alignment(), size = any_size();
	void *block = NULL;
	int error;

	if (alignment < sizeof(void *))
		alignment = sizeof(void *);
	error = tested_posix_memalign(&block, alignment, size);
	if (error != 0 && (error != ENOMEM || block != NULL))
		shadow_fail("posix_memalign fails with another error", block, size);
	errno = error;
	take(block, size, alignment, false);
}

static void allocate_memalign(void)
{
	size_t alignment = any_alignment(), size = any_size();

	take(tested_memalign(alignment, size), size, alignment, false);
}

static void allocate_extended(void)
{
	unsigned int value = byte();
	int flags = (int)(value % 14 | (value & 0x40));
	size_t size = any_size();

	take(tested_mallocx(size, flags), size, (size_t)1 << value % 14, value & 0x40);
}

static void allocate_zeroed(void)
{
	size_t size = any_size(), count = byte() % 4 + 1, total;

	if (__builtin_mul_overflow(size, count, &total))
		total = SIZE_MAX;
	if (shadow_bytes() + total < 2 * LIVE_MOST || total > PTRDIFF_MAX / 2)
		take(tested_calloc(count, size), total, 16, true);
}

static void allocate_many(void)
{
	size_t count = byte() % 128, size = any_size() % (64 * KIB);

	while (count-- > 0 && shadow_count() < SHADOW_BLOCKS && shadow_bytes() < LIVE_MOST)
		take(tested_malloc(size), size, 16, false);
}

static void allocate_pages(void)
{
	size_t size = any_size();

	if (size % 2)
		take(tested_valloc(size), size, 4096, false);
	else /* whole pages are what is asked for, if there are so many */
		take(tested_pvalloc(size), size > SIZE_MAX - 4095 ? size : (size + 4095) & ~(size_t)4095, 4096, false);
}

/* After a resize that may have moved the block; NULL: it is what it was. */
static void resized(struct shadow *block, void *moved, size_t size, size_t alignment)
{
	struct shadow before = *block;

	if (moved == NULL) {
		check_refusal(size);
		shadow_check(block);
		return;
	}
	shadow_check_moved(block, moved, size < before.size ? size : before.size);
	shadow_forget(block);
	take(moved, size, alignment, false);
}

static void resize(void)
{
	struct shadow *block = any_block();
	size_t size = any_size();

	if (block == NULL || size == 0)
		take(tested_realloc(NULL, size), size, 16, false);
	else
		resized(block, tested_realloc(block->address, size), size, 16);
}

static void resize_array(void)
{
	struct shadow *block = any_block();
	size_t size = any_size(), count = byte() % 4 + 1, total;

	if (__builtin_mul_overflow(size, count, &total))
		total = SIZE_MAX;
	if (block != NULL && total != 0 && (shadow_bytes() + total < 2 * LIVE_MOST || total > PTRDIFF_MAX / 2))
		resized(block, tested_reallocarray(block->address, count, size), total, 16);
}

static void resize_extended(void)
{
	struct shadow *block = any_block();
	unsigned int value = byte();
	int flags = (int)(value % 14 | (value & 0x40));
	size_t size = any_size(), usable, kept;
	unsigned char *moved;

	if (block == NULL)
		return;
	usable = block->usable;
	kept = usable < size ? usable : size;
	moved = tested_rallocx(block->address, size, flags);
	for (size_t i = kept; moved != NULL && value & 0x40 && i < size; i++)
		if (moved[i] != 0)
			shadow_fail("rallocx has not zeroed", moved, size);
	resized(block, moved, size, (size_t)1 << value % 14);
}

/* Frees a block in one of the ways that there are for it. */
static void release(struct shadow *block, unsigned int way)
{
	size_t size = block->size;
	void *address = shadow_remove(block);

	switch (way) {
	case 0:
		tested_free_sized(address, size);
		break;
	case 1:
		tested_free_aligned_sized(address, 16, size);
		break;
	case 2:
		tested_cfree(address);
		break;
	case 3:
		tested_dallocx(address, 0);
		break;
	case 4:
		tested_sdallocx(address, size, 0);
		break;
	case 5:
		if (tested_realloc(address, 0) != NULL)
			shadow_fail("realloc to nothing gives a block", address, size);
		break;
	default:
		tested_free(address);
	}
}

static void release_one(void)
{
	struct shadow *block = any_block();

	if (block != NULL)
		release(block, 6);
}

static void release_in_a_way(void)
{
	struct shadow *block = any_block();

	if (block != NULL)
		release(block, byte() % 6);
}

/* Newest or oldest first, or here and there. */
static void release_many(void)
{
	size_t left = byte(), order = byte();

	while (left-- > 0 && shadow_count() > 0) {
		size_t count = shadow_count();

		release(shadow_block(order % 3 == 0 ? count - 1 : order % 3 == 1 ? 0 : left * order % count), 6);
	}
}

static void look_at_one(void)
{
	struct shadow *block = any_block();

	if (block == NULL)
		return;
	shadow_check(block);
	if (tested_malloc_usable_size(block->address) != block->usable ||
	    tested_sallocx(block->address, 0) != block->usable ||
	    tested_xallocx(block->address, block->size + 1, 0, 0) != block->usable)
		shadow_fail("usable size has changed", block->address, block->size);
}

static size_t live_blocks(struct hakmem_statistics *statistics)
{
	size_t count;

	tested_hakmem_get_statistics(statistics, sizeof(*statistics));
	count = statistics->medium_blocks + statistics->large_blocks;
	for (unsigned int i = 0; i < HAKMEM_CLASSES; i++)
		count += statistics->classes[i].live_blocks;
	return count;
}

static void check_statistics(void)
{
	struct hakmem_statistics statistics;
	size_t count = live_blocks(&statistics), bytes;

	bytes = statistics.small_live_bytes + statistics.medium_live_bytes + statistics.large_live_bytes;
	if (count < shadow_count() || (run.alone && count != shadow_count()))
		shadow_fail("statistics have another number of live blocks", NULL, count);
	for (unsigned int i = 0; i < HAKMEM_CLASSES; i++)
		if (run.alone && statistics.classes[i].total_blocks < statistics.classes[i].live_blocks)
			shadow_fail("statistics have more live blocks than ever were", NULL, i);
	/* Medium blocks count in whole pages, and begin where they like in the first. In hardened mode all blocks count
	 * with what they take, of which only what was asked for is usable. */
	if (bytes < shadow_bytes() || (run.alone && getenv("HAKMEM_HARDENED") == NULL &&
	                                  bytes > shadow_bytes() + statistics.medium_blocks * 4096))
		shadow_fail("statistics have another number of live bytes", NULL, bytes);
}

/* Trimming is rarer: all that it gives back has to be faulted in again. */
static void look_at_all(void)
{
	if (byte() % 8 == 0)
		tested_malloc_trim(0);
	check_statistics();
}

static void fail_system_calls(void)
{
	unsigned int value = byte();

	faults_begin(value % 8, value < 128 ? 1 : 1 + value % 32);
}

static void call_one(void);

static void play_child(void)
{
	actors_forget();
	run.child = true;
	run.alone = false;
	run.calls_left = CHILD_CALLS;
	while (run.next < run.end && run.calls_left-- > 0)
		call_one();
	faults_end();
	shadow_check_all();
	while (shadow_count() > 0)
		release(shadow_block(shadow_count() / 2), 6);
	tested_malloc_trim(0);
	_exit(0);
}

static void fork_child(void)
{
	pid_t child;
	int status = 0;

	if (byte() % 16 != 0 || run.child || run.forks++ >= FORKS_MOST)
		return;
	child = fork();
	if (child == 0)
		play_child();
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR) /* libFuzzer's clock ticks by signals */
			shadow_fail("a forked child is lost", NULL, 0);
	if (child < 0 || status != 0)
		shadow_fail("a forked child has failed, with the status that is here the size", NULL, (size_t)status);
}

static void leave(void)
{
	run.leave = !run.child;
}

static void end_thread(void)
{
	run.ends = run.leave = !run.child;
}

static void call_one(void)
{
	unsigned int call = byte() % 32;
	bool full = shadow_count() == SHADOW_BLOCKS;
	size_t size;

	run.faults = faults_seen();
	errno = 0;
	if (full && call < 16)
		call = 16;
	switch (call) {
	case 0 ... 4:
		size = any_size();
		take(tested_malloc(size), size, 16, false);
		break;
	case 5 ... 6:
		allocate_zeroed();
		break;
	case 7:
		allocate_aligned();
		break;
	case 8:
		allocate_posix();
		break;
	case 9:
		allocate_memalign();
		break;
	case 10:
		allocate_extended();
		break;
	case 11:
		allocate_pages();
		break;
	case 12:
		allocate_many();
		break;
	case 13 ... 15:
		resize();
		break;
	case 16 ... 20:
		release_one();
		break;
	case 21:
		release_in_a_way();
		break;
	case 22:
		release_many();
		break;
	case 23:
		resize_array();
		break;
	case 24:
		resize_extended();
		break;
	case 25:
		look_at_one();
		break;
	case 26:
		look_at_all();
		break;
	case 27:
		fail_system_calls();
		break;
	case 28:
		fork_child();
		break;
	case 29:
		end_thread();
		break;
	default:
		leave();
	}
}

static void play(void)
{
	run.leave = run.ends = false;
	while (run.next < run.end && !run.leave)
		call_one();
}

/* With everything freed by its owners or handed back to them, nothing is live. */
static void check_nothing_is_left(void)
{
	struct hakmem_statistics statistics;
	size_t left = 0;

	/* What an ended thread's heap kept of another's goes home in one round and is taken in there in the next. */
	for (unsigned int round = 0; round < ACTORS + 1; round++) {
		tested_malloc_trim(0);
		left = live_blocks(&statistics);
		if (left == 0)
			break;
	}
	if (left != 0 || statistics.slabs_used != 0)
		shadow_fail("blocks are left when all are freed", NULL, left);
	run.alone = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int how;

	run.next = data;
	run.end = data + size;
	run.actor = run.forks = 0;
	how = byte();
	while (run.next < run.end) {
		actors_run(run.actor, play);
		if (run.ends)
			actors_end(run.actor);
		run.actor = run.leave ? byte() % ACTORS : 0;
		run.alone &= run.actor == 0;
	}
	faults_end();
	shadow_check_all();
	while (shadow_count() > 0)
		release(shadow_block(shadow_count() * (how % 8) / 8), 6);
	/* Else the threads, their heaps and what is kept are there for the next input. */
	if (how % 4 == 0) {
		actors_end_all();
		check_nothing_is_left();
	}
	return 0;
}
