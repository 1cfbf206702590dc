// SPDX-License-Identifier: MIT
/* The models of a TLB and a cache, against sequences worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/cache_model.h"
#include "analysis/tlb_model.h"

#define PAGE 4096ULL
#define HUGE (2ULL << 20)

struct tally {
	unsigned int hits, first_misses, walks;
};

static void touch(struct tlb_model *model, uint64_t address, bool huge, struct tally *tally)
{
	switch (tlb_model_access(model, address, huge)) {
	case TLB_HIT:
		tally->hits++;
		break;
	case TLB_FIRST_MISS:
		tally->first_misses++;
		break;
	case TLB_WALK:
		tally->walks++;
		break;
	}
}

/* `pages` pages, `stride` bytes apart, in turn, `rounds` times. */
static struct tally cycle(const struct tlb_shape *shape, uint64_t pages, uint64_t stride, int rounds, bool huge)
{
	struct tally tally = {};
	struct tlb_model model;

	assert_int_equal(tlb_model_make(&model, shape), 0);
	for (int round = 0; round < rounds; round++)
		for (uint64_t page = 0; page < pages; page++)
			touch(&model, page * stride, huge, &tally);
	tlb_model_free(&model);
	return tally;
}

static void expect(struct tally tally, unsigned int hits, unsigned int first_misses, unsigned int walks)
{
	assert_int_equal(tally.hits, hits);
	assert_int_equal(tally.first_misses, first_misses);
	assert_int_equal(tally.walks, walks);
}

static void a_page_walks_once(void **state)
{
	struct tally tally = {};
	struct tlb_model model;

	(void)state;
	tlb_model_make(&model, &tlb_skylake);
	for (uint64_t byte = 0; byte < 3 * PAGE; byte += 8)
		touch(&model, byte, false, &tally);
	expect(tally, 3 * 512 - 3, 0, 3);
	tlb_model_free(&model);
}

static void what_fits_the_first_level_stays(void **state)
{
	(void)state;
	expect(cycle(&tlb_skylake, 64, PAGE, 10, false), 9 * 64, 0, 64);
}

/* 65 pages in 16 sets of 4: set 0 has five, which push each other out in turn; the other sets keep theirs. */
static void one_page_more_costs_its_set(void **state)
{
	(void)state;
	expect(cycle(&tlb_skylake, 65, PAGE, 10, false), 9 * 60, 9 * 5, 65);
}

static void twice_the_first_level_always_misses_it(void **state)
{
	(void)state;
	expect(cycle(&tlb_skylake, 128, PAGE, 10, false), 0, 9 * 128, 128);
}

static void a_stride_of_the_sets_uses_one_set(void **state)
{
	(void)state;
	/* 16 sets: pages 16 apart all fall into set 0, which keeps four of them. */
	expect(cycle(&tlb_skylake, 4, 16 * PAGE, 10, false), 9 * 4, 0, 4);
	expect(cycle(&tlb_skylake, 5, 16 * PAGE, 10, false), 0, 9 * 5, 5);
	/* 128 sets of the second level: pages 128 apart; it keeps twelve. */
	expect(cycle(&tlb_skylake, 12, 128 * PAGE, 10, false), 0, 9 * 12, 12);
	expect(cycle(&tlb_skylake, 13, 128 * PAGE, 10, false), 0, 0, 130);
}

static void the_second_level_holds_its_entries(void **state)
{
	(void)state;
	expect(cycle(&tlb_skylake, 1536, PAGE, 5, false), 0, 4 * 1536, 1536);
	/* One more: thirteen in set 0 of 128 sets. */
	expect(cycle(&tlb_skylake, 1537, PAGE, 5, false), 0, 4 * (1536 - 12), 1537 + 4 * 13);
	expect(cycle(&tlb_skylake, 3072, PAGE, 5, false), 0, 0, 5 * 3072);
}

static void a_fully_associative_level_has_no_conflicts(void **state)
{
	static const struct tlb_shape shape = {.first = {64, 64}, .first_huge = {32, 4}, .second = {1536, 12}};

	(void)state;
	expect(cycle(&shape, 64, 16 * PAGE, 3, false), 2 * 64, 0, 64);
	expect(cycle(&shape, 65, PAGE, 3, false), 0, 2 * 65, 65);
}

static void huge_pages_have_their_own_first_level(void **state)
{
	struct tally tally = {};
	struct tlb_model model;

	(void)state;
	expect(cycle(&tlb_skylake, 32, HUGE, 4, true), 3 * 32, 0, 32);
	expect(cycle(&tlb_skylake, 64, HUGE, 4, true), 0, 3 * 64, 64);
	/* 64 pages of 4 KiB and 32 of 2 MiB, of the same numbers, don't disturb one another. */
	tlb_model_make(&model, &tlb_skylake);
	for (int round = 0; round < 3; round++) {
		for (uint64_t page = 0; page < 64; page++)
			touch(&model, page * PAGE, false, &tally);
		for (uint64_t page = 0; page < 32; page++)
			touch(&model, page * HUGE, true, &tally);
	}
	expect(tally, 2 * 96, 0, 96);
	tlb_model_free(&model);
}

static void the_least_recently_used_goes(void **state)
{
	static const struct tlb_shape shape = {.first = {2, 2}, .first_huge = {2, 2}, .second = {4, 4}};
	static const char order[] =
	    "ABACAB"; /* C pushes B out: A, C stay; then A; then B again from the second level */
	struct tally tally = {};
	struct tlb_model model;

	(void)state;
	tlb_model_make(&model, &shape);
	for (const char *page = order; *page; page++)
		touch(&model, *page * PAGE, false, &tally);
	expect(tally, 2, 1, 3);
	tlb_model_free(&model);
}

static void shapes_are_read_and_written(void **state)
{
	char text[TLB_SHAPE_TEXT];
	struct tlb_shape shape;
	const char *problem;

	(void)state;
	assert_int_equal(tlb_shape_parse("l1=96/6,l2=2048/16", &shape, &problem), 0);
	tlb_shape_write(&shape, text);
	assert_string_equal(text, "l1=96/6,huge=32/4,l2=2048/16");
	assert_int_equal(tlb_shape_parse("skylake", &shape, &problem), 0);
	assert_memory_equal(&shape, &tlb_skylake, sizeof(shape));
	assert_int_equal(tlb_shape_parse("", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l1=64", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l1=64/4,", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l3=64/4", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l1=64/4x", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l1=64/5", &shape, &problem), -1);
	assert_non_null(strstr(problem, "multiple of ways"));
	assert_int_equal(tlb_shape_parse("l1=0/0", &shape, &problem), -1);
	assert_int_equal(tlb_shape_parse("l2=4194304/4", &shape, &problem), -1);
}

/* Misses of `lines` lines, `stride` bytes apart, in turn, ten times. */
static unsigned int cache_misses(struct cache_shape shape, uint64_t lines, uint64_t stride)
{
	struct cache_model model;
	unsigned int misses = 0;

	assert_int_equal(cache_model_make(&model, &shape), 0);
	for (int round = 0; round < 10; round++)
		for (uint64_t line = 0; line < lines; line++)
			misses += !cache_model_access(&model, line * stride);
	cache_model_free(&model);
	return misses;
}

static void the_cache_holds_its_lines(void **state)
{
	(void)state;
	/* 32 KiB: 512 lines, 64 sets of 8. */
	assert_int_equal(cache_misses(cache_usual, 512, 64), 512);
	assert_int_equal(cache_misses(cache_usual, 513, 64), 513 + 9 * 9);
	assert_int_equal(cache_misses(cache_usual, 1024, 64), 10240);
	/* A page apart: one set. */
	assert_int_equal(cache_misses(cache_usual, 8, PAGE), 8);
	assert_int_equal(cache_misses(cache_usual, 9, PAGE), 90);
	assert_int_equal(cache_misses((struct cache_shape){48, 12}, 12, PAGE), 12);
	assert_int_equal(cache_misses((struct cache_shape){48, 12}, 13, PAGE), 130);
	/* Bytes of one line. */
	assert_int_equal(cache_misses(cache_usual, 64, 1), 1);
}

static void cache_shapes_are_read(void **state)
{
	struct cache_shape shape;

	(void)state;
	assert_int_equal(cache_shape_parse("48/12", &shape), 0);
	assert_int_equal(shape.kibibytes, 48);
	assert_int_equal(shape.ways, 12);
	assert_int_equal(cache_shape_parse("48", &shape), -1);
	assert_int_equal(cache_shape_parse("48/12/1", &shape), -1);
	assert_int_equal(cache_shape_parse("-48/12", &shape), -1);
	assert_int_equal(cache_shape_parse("32/7", &shape), -1);
	assert_int_equal(cache_shape_parse("0/8", &shape), -1);
	assert_int_equal(cache_shape_parse("99999999/8", &shape), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_walks_once),
	    cmocka_unit_test(what_fits_the_first_level_stays),
	    cmocka_unit_test(one_page_more_costs_its_set),
	    cmocka_unit_test(twice_the_first_level_always_misses_it),
	    cmocka_unit_test(a_stride_of_the_sets_uses_one_set),
	    cmocka_unit_test(the_second_level_holds_its_entries),
	    cmocka_unit_test(a_fully_associative_level_has_no_conflicts),
	    cmocka_unit_test(huge_pages_have_their_own_first_level),
	    cmocka_unit_test(the_least_recently_used_goes),
	    cmocka_unit_test(shapes_are_read_and_written),
	    cmocka_unit_test(the_cache_holds_its_lines),
	    cmocka_unit_test(cache_shapes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
