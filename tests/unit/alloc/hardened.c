// SPDX-License-Identifier: MIT
/*
 * Hardened mode: correct programs get what they ask for, whatever is in short supply, and blocks lie where nobody can
 * guess. (Misuses: tests/misuse/.) The program starts itself again in that mode.
 */
#include "test.h"

#include <pthread.h>

#include "hakmem.h"
#include "hardened.h"
#include "hardened_chunk.h"
#include "hardened_marks.h"
#include "heap.h"
#include "os.h"

static void *look_for_a_heap(void *result)
{
	free(opaque(malloc(100)));
	*(bool *)result = heap_is_real(heap_current);
	return NULL;
}

static void no_thread_has_a_heap(void **state)
{
	bool here = true, there = true;
	pthread_t thread;

	(void)state;
	look_for_a_heap(&here);
	assert_int_equal(pthread_create(&thread, NULL, look_for_a_heap, &there), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(here);
	assert_false(there);
}

static void every_size_and_alignment_is_served(void **state)
{
	static const size_t sizes[] = {
	    0, 1, 15, 16, 100, 4096, 16376, 16377, 16384, 65536, 100001, MIB, MIB + 1, 5000000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t alignment = 16; alignment <= 8 * MIB; alignment *= 2) {
			char *block = opaque(aligned_alloc(alignment, sizes[i]));

			assert_non_null(block);
			assert_int_equal((uintptr_t)block % alignment, 0);
			assert_int_equal(malloc_usable_size(block), sizes[i]);
			memset(block, 0xee, sizes[i]);
			free(block);
		}
	}
}

static void calloc_gives_zeroes_again_and_again(void **state)
{
	void *kept[50]; /* so that no chunk goes, and new memory comes for it */

	(void)state;
	for (int round = 0; round < 50000; round++) {
		size_t size = round % 100 == 0 ? 50000 : 1000;
		char *block = opaque(calloc(1, size));

		for (size_t i = 0; i < size; i += 7)
			assert_int_equal(block[i], 0);
		memset(block, 1, size);
		if (round % 1000 == 0)
			kept[round / 1000] = block;
		else
			free(block);
	}
	for (int i = 0; i < 50; i++)
		free(kept[i]);
}

static void realloc_keeps_contents(void **state)
{
	static const size_t sizes[] = {10, 24, 1000, 990, 16376, 16377, 300000, 3 * MIB, 9 * MIB, 70000, 100, 1};
	size_t before = 1;
	unsigned char *block = opaque(malloc(1));

	(void)state;
	block[0] = 200;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t kept = before < sizes[i] ? before : sizes[i];

		block = opaque(realloc(block, sizes[i]));
		assert_int_equal(malloc_usable_size(block), sizes[i]);
		for (size_t at = 0; at < kept; at++)
			assert_int_equal(block[at], (unsigned char)(200 + at % 50));
		for (size_t at = 0; at < sizes[i]; at++)
			block[at] = (unsigned char)(200 + at % 50);
		before = sizes[i];
	}
	free(block);
}

static void slots_are_not_in_order(void **state)
{
	int upwards = 0;
	char *last = NULL;

	(void)state;
	for (int i = 0; i < 400; i++) {
		char *block = opaque(malloc(64));

		upwards += block > last;
		last = block;
	}
	assert_in_range(upwards, 100, 300); /* 200, and the standard deviation is 6 */
}

static void allocate_five(void *blocks)
{
	for (int i = 0; i < 5; i++)
		((void **)blocks)[i] = opaque(malloc(200));
}

static void forked_children_choose_slots_of_their_own(void **state)
{
	void **blocks = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char text[100];

	(void)state;
	assert_ptr_not_equal(blocks, MAP_FAILED);
	assert_int_equal(run_in_child(allocate_five, blocks, text, sizeof(text)), 0);
	assert_int_equal(run_in_child(allocate_five, blocks + 5, text, sizeof(text)), 0);
	allocate_five(blocks + 10);
	assert_memory_not_equal(blocks, blocks + 5, 5 * sizeof(void *));
	assert_memory_not_equal(blocks, blocks + 10, 5 * sizeof(void *));
	assert_memory_not_equal(blocks + 5, blocks + 10, 5 * sizeof(void *));
	munmap(blocks, PAGE_SIZE);
}

static void a_freed_block_is_not_used_again_at_once(void **state)
{
	static const size_t sizes[] = {40, 100000, 3 * MIB};

	(void)state;
	for (int i = 0; i < 3; i++) {
		uintptr_t freed = (uintptr_t)opaque(malloc(sizes[i]));

		free((void *)freed);
		for (int round = 0; round < 50; round++) {
			void *block = opaque(malloc(sizes[i]));

			assert_int_not_equal((uintptr_t)block, freed);
			free(block);
		}
	}
}

static void what_was_freed_is_used_again_in_the_end(void **state)
{
	struct hakmem_statistics before, after;

	(void)state;
	hakmem_get_statistics(&before, sizeof(before));
	for (int i = 0; i < 100000; i++)
		free(opaque(malloc(1000)));
	for (int i = 0; i < 2000; i++)
		free(opaque(malloc(2 * MIB)));
	hakmem_get_statistics(&after, sizeof(after));
	/* The quarantines' bounds and some: 4 MiB, and 256 MiB of address space. */
	assert_true(after.mapped_bytes < before.mapped_bytes + 300 * MIB);
	assert_true(malloc_trim(0));
	hakmem_get_statistics(&after, sizeof(after));
	assert_true(after.mapped_bytes < before.mapped_bytes + 16 * MIB);
}

static size_t ranges(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t count = 0;

	assert_non_null(maps);
	for (int c = getc(maps); c != EOF; c = getc(maps))
		count += c == '\n';
	fclose(maps);
	return count;
}

/* More blocks of their own pages than Linux lets a process have ranges, which is 65530 unless set otherwise. */
#define MANY 50000

static void guards_leave_ranges_to_the_program(void **state)
{
	static char *blocks[MANY];
	size_t most = os_ranges_most();

	(void)state;
	for (int i = 0; i < MANY; i++) {
		blocks[i] = opaque(malloc(5 * PAGE_SIZE));
		assert_non_null(blocks[i]);
		blocks[i][i % 5 * PAGE_SIZE] = 1; /* the kernel does not join ranges that were touched apart */
	}
	assert_true(ranges() < most / 2 + most / 8);
	for (int i = 0; i < MANY; i += 1000)
		memset(blocks[i], 1, 5 * PAGE_SIZE);
	for (int i = 0; i < MANY; i++)
		free(blocks[i]);
	assert_true(ranges() < most / 2 + most / 8);
	/* With guards again. */
	malloc_trim(0);
	blocks[0] = opaque(malloc(100000));
	assert_true(chunk_may_guard());
	chunk_unguard(1);
	memset(blocks[0], 1, 100000);
	free(blocks[0]);
}

static void statistics_count_blocks(void **state)
{
	struct hakmem_statistics before, with, after;
	void *small[10], *medium, *large;
	unsigned int class = 0;

	(void)state;
	hakmem_get_statistics(&before, sizeof(before));
	while (before.classes[class].block_bytes < 1000 + 8)
		class ++;
	for (int i = 0; i < 10; i++)
		small[i] = opaque(malloc(1000));
	medium = opaque(malloc(50000));
	large = opaque(malloc(3 * MIB));
	hakmem_get_statistics(&with, sizeof(with));
	assert_int_equal(with.classes[class].live_blocks - before.classes[class].live_blocks, 10);
	assert_int_equal(with.classes[class].total_blocks - before.classes[class].total_blocks, 10);
	assert_int_equal(with.medium_blocks - before.medium_blocks, 1);
	assert_int_equal(with.medium_live_bytes - before.medium_live_bytes, 13 * PAGE_SIZE);
	assert_int_equal(with.large_blocks - before.large_blocks, 1);
	assert_int_equal(with.large_live_bytes - before.large_live_bytes, 3 * MIB);
	for (int i = 0; i < 10; i++)
		free(small[i]);
	free(medium);
	free(large);
	hakmem_get_statistics(&after, sizeof(after));
	assert_int_equal(after.classes[class].live_blocks, before.classes[class].live_blocks);
	assert_int_equal(after.medium_blocks, before.medium_blocks);
	assert_int_equal(after.large_live_bytes, before.large_live_bytes);
	assert_int_equal(after.heaps, 0);
}

static void write_where_no_guards_are(void *argument)
{
	char *block;

	(void)argument;
	chunk_start(0);
	block = opaque(malloc(300000));
	free(block);
	((char *)opaque(block))[7] = 1;
	malloc_trim(0);
}

static void a_freed_block_without_guards_is_looked_at(void **state)
{
	char output[200];
	int status = run_in_child(write_where_no_guards_are, NULL, output, sizeof(output));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(output, "hakmem: malloc(): write after free at 0x"));
	assert_non_null(strstr(output, ", byte 7 of the freed block of 300000 bytes at 0x"));
}

static void allocate_on_abort(int signal)
{
	(void)signal;
	for (int i = 0; i < 1000; i++)
		free(opaque(malloc((size_t)i * 100)));
	_exit(33);
}

static void free_twice(void *argument)
{
	char *block = opaque(malloc(100));

	(void)argument;
	alarm(20); /* should a lock be held */
	signal(SIGABRT, allocate_on_abort);
	free(block);
	free(opaque(block));
}

static void who_handles_the_abort_may_allocate(void **state)
{
	char text[200];
	int status = run_in_child(free_twice, NULL, text, sizeof(text));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 33);
}

static void every_damaged_byte_is_found(void **state)
{
	char memory[64] __attribute__((aligned(16)));

	(void)state;
	for (int start = 0; start < 20; start++) {
		for (int end = start; end < 40; end++) {
			memset(memory, 0, sizeof(memory));
			marks_write(memory + start, memory + end);
			assert_null(marks_find_damage(memory + start, memory + end));
			for (int i = 0; i < 64; i++)
				assert_int_equal(memory[i] != 0, i >= start && i < end);
			for (int i = start; i < end; i++) {
				memory[i] ^= 8;
				assert_ptr_equal(marks_find_damage(memory + start, memory + end), memory + i);
				memory[i] ^= 8;
			}
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_thread_has_a_heap),
	    cmocka_unit_test(every_size_and_alignment_is_served),
	    cmocka_unit_test(calloc_gives_zeroes_again_and_again),
	    cmocka_unit_test(realloc_keeps_contents),
	    cmocka_unit_test(slots_are_not_in_order),
	    cmocka_unit_test(forked_children_choose_slots_of_their_own),
	    cmocka_unit_test(a_freed_block_is_not_used_again_at_once),
	    cmocka_unit_test(what_was_freed_is_used_again_in_the_end),
	    cmocka_unit_test(statistics_count_blocks),
	    cmocka_unit_test(who_handles_the_abort_may_allocate),
	    cmocka_unit_test(a_freed_block_without_guards_is_looked_at),
	    cmocka_unit_test(every_damaged_byte_is_found),
	    cmocka_unit_test(guards_leave_ranges_to_the_program),
	};

	if (argc == 1 && !hardened_is_on()) {
		setenv("HAKMEM_HARDENED", "1", 1);
		execl("/proc/self/exe", argv[0], "again", NULL);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
