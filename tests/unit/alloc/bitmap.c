// SPDX-License-Identifier: MIT
/* Bitmaps of pages, against the same done bit by bit. */
#include "test.h"

#include "bitmap.h"

static bool bit(const uint64_t *bitmap, unsigned int at)
{
	return bitmap[at / 64] >> (at % 64) & 1;
}

static unsigned int find_slowly(const uint64_t *bitmap, unsigned int count, unsigned int step)
{
	for (unsigned int start = 0; start + count <= BITMAP_BITS; start += step) {
		unsigned int length = 0;

		while (length < count && !bit(bitmap, start + length))
			length++;
		if (length == count)
			return start;
	}
	return BITMAP_BITS;
}

static void fill_at_random(uint64_t *bitmap, uint64_t *state)
{
	memset(bitmap, 0, BITMAP_BITS / 8);
	for (int i = 0; i < 40; i++) {
		unsigned int from, count;

		*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
		from = (unsigned int)(*state >> 33) % BITMAP_BITS;
		count = (unsigned int)(*state >> 50) % 40;
		count = from + count > BITMAP_BITS ? BITMAP_BITS - from : count;
		bitmap_fill(bitmap, from, count, *state >> 20 & 1);
	}
}

static void agrees_with_bit_by_bit(void **unused)
{
	uint64_t bitmap[BITMAP_WORDS], state = 1;

	(void)unused;
	for (int round = 0; round < 2000; round++) {
		unsigned int from = (unsigned int)(state >> 40) % BITMAP_BITS, next = from, ones = 0;

		fill_at_random(bitmap, &state);
		for (unsigned int count = 1; count <= 256; count = count * 5 / 4 + 1)
			for (unsigned int step = 1; step <= 128; step *= 4)
				assert_int_equal(
				    bitmap_find_clear(bitmap, count, step), find_slowly(bitmap, count, step));
		while (next < BITMAP_BITS && !bit(bitmap, next))
			next++;
		assert_int_equal(bitmap_next(bitmap, from, true), next);
		for (unsigned int at = from; at < BITMAP_BITS; at++)
			ones += bit(bitmap, at);
		assert_int_equal(bitmap_count(bitmap, from, BITMAP_BITS - from), ones);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_bit_by_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
