// SPDX-License-Identifier: MIT
/* What a run's counts come to at a price list. */
#include "sample.h"

#include "bpf/types.h"
#include "trace/price.h"

static const struct price list = {.known = true,
    .counted = {[PRICE_SWEPT] = 10, [PRICE_MOVED] = 25, [PRICE_FAULT] = 70, [PRICE_CALL] = 3},
    .timed = 400};

static void each_kind_of_fault_has_its_price(void **state)
{
	const struct totals others = {.minor = 90, .major = 10}, swept = {.minor = 100, .swept = 100},
	                    mixed = {.minor = 100, .swept = 60};

	(void)state;
	assert_float_equal(price_of_counting(&list, &others), 7000, 1e-3);
	assert_float_equal(price_of_counting(&list, &swept), 1000, 1e-3);
	assert_float_equal(price_of_counting(&list, &mixed), 60 * 10 + 40 * 70, 1e-3);
}

static void a_sweep_that_moves_pays_the_difference(void **state)
{
	const struct totals moved = {.minor = 100, .swept = 100, .moved = 40};
	struct price cheaper = list;

	(void)state;
	assert_float_equal(price_of_counting(&list, &moved), 100 * 10 + 40 * 15, 1e-3);
	cheaper.counted[PRICE_MOVED] = 9; /* by noise: nothing is taken off for it */
	assert_float_equal(price_of_counting(&cheaper, &moved), 1000, 1e-3);
}

static void durations_come_on_top(void **state)
{
	const struct totals timed = {.minor = 100, .timed = 5, .calls = 7};

	(void)state;
	assert_float_equal(price_of_counting(&list, &timed), 7000 + 21, 1e-3);
	assert_float_equal(price_of(&list, &timed), 7000 + 21 + 2000, 1e-3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_fault_has_its_price),
	    cmocka_unit_test(a_sweep_that_moves_pays_the_difference),
	    cmocka_unit_test(durations_come_on_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
