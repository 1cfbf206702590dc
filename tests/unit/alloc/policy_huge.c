// SPDX-License-Identifier: MIT
/* The policy's costs and huge pages: inputs are as they were measured, or made to mislead. */
#include "policy_watch.h"

/* As hakmem-trace --max-overhead 20 counted SuperSlabs of a program that fills 60 MB, frees and trims, on this
 * project's machine; and what never can be. */
static const struct policy_sample samples[] = {
    {512, 512, 1321309, 2097152},       /* of small pages */
    {512, 20, 51007, 2097152},          /* of which few were timed */
    {512, 0, 0, 2097152},               /* or none */
    {12401, 12401, 32963643, 52887552}, /* given back and touched again, many times */
    {1, 1, 191115, 2097152},            /* a huge one */
    {0, 0, 0, 0},                       /* nobody counts */
    {1, 1, UINT64_MAX, UINT64_MAX},     /* wrapped below zero */
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, {UINT64_MAX, 1, 1, 0},
    {0, 1000, UINT64_MAX / 2, 1}, /* dear beyond belief */
    {1, 1000, 1000, 5},           /* a nanosecond each */
};

/* So many ranges alike. */
static struct policy_sum ranges_of(struct policy_sample sample, unsigned int count, bool huge)
{
	struct policy_sum sum = {.faults = 0};

	for (unsigned int i = 0; i < count; i++)
		policy_sum_add(&sum, &sample, huge);
	return sum;
}

static void assert_bounded(const struct policy_costs *costs)
{
	assert_in_range(costs->even, 0,
	    POLICY_WHOLE * POLICY_HUGE_NS * POLICY_DEAREST /
	        (512 * (POLICY_PAGE_NS / POLICY_CHEAPEST + POLICY_TRAP_NS)));
	assert_in_range(costs->page, POLICY_PAGE_NS / POLICY_CHEAPEST - 8, POLICY_PAGE_NS * POLICY_DEAREST);
	assert_in_range(costs->huge, POLICY_HUGE_NS / POLICY_CHEAPEST - 8, POLICY_HUGE_NS * POLICY_DEAREST);
	assert_int_equal(costs->trap, POLICY_TRAP_NS);
	assert_int_equal(costs->call, POLICY_CALL_NS);
	assert_int_equal(costs->purge, POLICY_PURGE_NS);
}

static void costs_stay_bounded_whatever_is_measured(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	size_t count = sizeof(samples) / sizeof(samples[0]);

	(void)state;
	assert_bounded(&costs);
	for (unsigned int i = 0; i < 10000; i++) {
		struct policy_sum small = {.faults = 0}, huge = {.faults = 0};

		for (uint64_t j = noise(8); j > 0; j--) {
			policy_sum_add(&small, &samples[noise(count)], false);
			policy_sum_add(&huge, &samples[noise(count)], true);
		}
		policy_costs_learn(&costs, &small, &huge);
		assert_bounded(&costs);
	}
}

static void costs_follow_what_is_measured_and_stand_still_with_it(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_sum small = ranges_of(samples[0], 1, false), huge = ranges_of(samples[4], 4, true);

	(void)state;
	policy_costs_learn(&costs, &(struct policy_sum){0}, &(struct policy_sum){0});
	assert_false(costs.measured);
	assert_in_range(costs.page, POLICY_PAGE_NS - 16, POLICY_PAGE_NS);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_in_range(costs.page, 2500, 2580);
	assert_in_range(costs.huge, 188000, 191115);
	assert_in_range(costs.even, 30, 33); /* of 256: 191 us to 512 times 2,972 ns */
	assert_true(costs.measured && costs.huge_given);
	small = ranges_of((struct policy_sample){512, 64, 64 * 3000, 2 * MIB}, 1, false);
	huge = ranges_of((struct policy_sample){1, 1, 400000, 2 * MIB}, 16, true);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_true(costs.measured && costs.huge_given);
	assert_in_range(costs.page, 2950, 3000);
	assert_in_range(costs.huge, 395000, 400000);
	/* What others took of the processor is not what memory costs. */
	policy_sum_add(&small, &(struct policy_sample){512, 64, 64 * 100000, 2 * MIB}, false);
	policy_sum_add(&huge, &(struct policy_sample){1, 1, 8000000, 2 * MIB}, true);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_in_range(costs.page, 2950, 3000);
	assert_in_range(costs.huge, 395000, 400000);
	/* Who asked for huge pages and sees 4 KiB cleared a fault got none; their time is then that of small ones. */
	huge = ranges_of((struct policy_sample){512, 64, 64 * 1500, 2 * MIB}, 8, true);
	assert_int_equal(huge.ranges, 0);
	policy_costs_learn(&costs, &small, &huge);
	assert_false(costs.huge_given);
	assert_in_range(costs.huge, 395000, 400000);
}

static void a_few_huge_pages_are_no_measure(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_sum small = ranges_of(samples[0], 4, false);
	struct policy_sum huge = ranges_of((struct policy_sample){1, 1, 7585890, 2 * MIB}, 3, true);

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_int_equal(costs.huge, POLICY_HUGE_NS);
	assert_int_equal(costs.even, POLICY_EVEN);
	/* Of four the least. */
	policy_sum_add(&huge, &samples[4], true);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_in_range(costs.huge, 188000, 191115);
}

/* Dear, measured, and then not any more: no huge page is asked for, so none is timed. It must be tried again. */
static void what_is_not_measured_any_more_is_forgotten(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_sum small = ranges_of((struct policy_sample){512, 64, 64 * 1500, 2 * MIB}, 4, false);
	struct policy_sum huge = ranges_of((struct policy_sample){1, 1, 4000000, 2 * MIB}, 4, true);
	struct policy_sum none = {.faults = 0};
	struct policy_choice choice = {.level = 1};
	unsigned int looks = 0;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_true(costs.measured);
	policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	assert_int_equal(choice.reason, POLICY_HUGE_DEAR);
	for (; choice.level == 0 && looks < 100; looks++) {
		policy_costs_learn(&costs, &none, &none);
		policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	}
	assert_in_range(looks, 8, POLICY_SETTLES_HUGE);
	for (unsigned int i = 0; i < 100; i++)
		policy_costs_learn(&costs, &none, &none);
	assert_false(costs.measured);
	assert_in_range(costs.even, POLICY_EVEN, POLICY_EVEN + 15);
}

static void huge_pages_are_for_what_is_dense_and_cheaper(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_choice choice = {.level = 0};

	(void)state;
	policy_huge_look(&choice, &costs, 3 * CHUNK_SIZE, 3 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	assert_int_equal(choice.reason, POLICY_FEW_CHUNKS);
	policy_huge_look(&choice, &costs, 13 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	policy_huge_look(&choice, &costs, 14 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 1);
	assert_int_equal(choice.reason, POLICY_DENSE);
	/* Between the two it stays as it is. */
	policy_huge_look(&choice, &costs, 13 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 1);
	policy_huge_look(&choice, &costs, 12 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	assert_int_equal(choice.reason, POLICY_SPARSE);
	/* A program that shrank and grows again is not asked anew; one that leaves a few chunks untouched is. */
	choice = (struct policy_choice){.level = 1};
	policy_huge_look(&choice, &costs, 0, 0);
	policy_huge_look(&choice, &costs, CHUNK_SIZE, CHUNK_SIZE);
	assert_int_equal(choice.level, 1);
	policy_huge_look(&choice, &costs, CHUNK_SIZE, 2 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	/* One that takes as long as its small ones is not asked for any sooner, and one that takes clearly longer is
	 * given up. */
	choice = (struct policy_choice){.level = 0};
	costs.even = POLICY_WHOLE;
	policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	assert_int_equal(choice.reason, POLICY_HUGE_DEAR);
	choice.level = 1;
	policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 1);
	costs.even = 2 * POLICY_WHOLE + 1;
	policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	assert_int_equal(choice.reason, POLICY_HUGE_DEAR);
	costs = policy_costs_built_in();
	for (unsigned int i = 0; i < 3; i++)
		policy_huge_look(&choice, &costs, SIZE_MAX, SIZE_MAX);
	assert_int_equal(choice.level, 1);
}

static void huge_pages_settle_within_the_chunks_that_are_stated(void **state)
{
	struct policy_costs costs = policy_costs_built_in();

	(void)state;
	for (unsigned int block = 1; block < 100; block++) {
		struct policy_choice choice = {.level = 0};
		struct watch seen = {.level = 0};

		for (unsigned int i = 0; i < 3000; i++) {
			size_t share = i / block % 2 ? 16 : noise(17);

			costs.even = block % 3 ? POLICY_EVEN : noise(16 * POLICY_WHOLE);
			policy_huge_look(&choice, &costs, share * CHUNK_SIZE, 16 * CHUNK_SIZE);
			watch(&seen, &choice, 1);
		}
		assert_calm(&seen, 1, POLICY_PATIENCE_HUGE);
		/* The newest 16 chunks are looked at: half of the time goes by until they are all alike. */
		costs = policy_costs_built_in();
		for (unsigned int i = 0; i < POLICY_SETTLES_HUGE - 16; i++)
			policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
		assert_int_equal(choice.level, 1);
		for (unsigned int i = 0; i < POLICY_SETTLES_HUGE - 16; i++)
			policy_huge_look(&choice, &costs, CHUNK_SIZE, 16 * CHUNK_SIZE);
		assert_int_equal(choice.level, 0);
	}
}

/*
 * What the daemon counted of the newest 16 chunks of SuperSlabs, in looks after which programs that fill their memory
 * had no huge pages any more, and faulted up to 11 times as often as without assistance: a few faults of huge pages had
 * been timed, mostly one, and what is built in for small ones, or was measured in other memory at another time, was
 * held against them.
 */
struct recorded_look {
	const char *program;
	size_t used, chunks;
	struct policy_sample small[6], huge[10]; /* those that anything was timed of */
};

static const struct recorded_look recorded[] = {
    {"fragmentation 64 15", 14569472, 7, {{0}}, {{1, 1, 7585890, 2097152}}},
    {"fragmentation 64 15, another run", 40725706, 16, {{0}}, {{1, 1, 4178428, 2097152}}},
    {"burst 4096 65536 128 40", 18711343, 8,
        {{90, 51, 142583, 368640}, {48, 36, 90943, 196608}, {76, 42, 129098, 311296}, {11, 11, 40375, 45056},
            {22, 12, 34985, 90112}},
        {{1, 1, 4022756, 2097152}}},
    {"the same, some chunks later", 43013733, 16,
        {{509, 51, 174404, 2084864}, {373, 4, 12372, 1527808}, {506, 17, 67720, 2072576}, {447, 15, 46626, 1830912}},
        {{1, 1, 4452051, 2097152}}},
    {"burst, another run", 42377216, 16, {{0}},
        {{1, 1, 3798726, 2097152}, {1, 1, 3984665, 2097152}, {1, 1, 3901819, 2097152}, {1, 1, 4492828, 2097152},
            {1, 1, 3869709, 2097152}, {1, 1, 4152309, 2097152}}},
    {"burst, a third", 42864640, 16, {{0}},
        {{1, 1, 4120649, 2097152}, {1, 1, 4082989, 2097152}, {1, 1, 4076677, 2097152}, {1, 1, 4469845, 2097152},
            {1, 1, 4187345, 2097152}, {1, 1, 4175442, 2097152}, {1, 1, 4028878, 2097152}, {1, 1, 4499230, 2097152},
            {1, 1, 4283996, 2097152}}},
    /* On an emulated processor, where all takes longer. */
    {"fragmentation 24 3 on 6.12", 12435456, 6, {{1, 1, 223740, 4096}}, {{1, 1, 12406610, 2097152}}},
    {"burst 4096 65536 128 3 on 6.12", 43180032, 16, {{0}}, {{1, 1, 6895964, 2097152}}},
};

static void look_as_recorded(const struct recorded_look *look, struct policy_costs *costs, struct policy_choice *choice)
{
	struct policy_sum small = {.faults = 0}, huge = {.faults = 0};

	for (size_t i = 0; i < sizeof(look->small) / sizeof(look->small[0]); i++)
		policy_sum_add(&small, &look->small[i], false);
	for (size_t i = 0; i < sizeof(look->huge) / sizeof(look->huge[0]); i++)
		policy_sum_add(&huge, &look->huge[i], true);
	policy_costs_learn(costs, &small, &huge);
	policy_huge_look(choice, costs, look->used, look->chunks * CHUNK_SIZE);
}

/* However long it stays among the newest. */
static void what_was_recorded_keeps_huge_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		struct policy_costs costs = policy_costs_built_in();
		struct policy_choice choice = {.level = 1};

		for (unsigned int look = 0; look < 16; look++)
			look_as_recorded(&recorded[i], &costs, &choice);
		if (choice.level != 1)
			fail_msg("%s: %s", recorded[i].program, policy_reason_text(choice.reason));
	}
}

/* The least of several, in two looks at least, beside small pages of the same time. */
static void huge_pages_that_are_clearly_dear_are_given_up(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_choice choice = {.level = 1};
	struct recorded_look look = {"none", 16 * CHUNK_SIZE, 16, {{0}}, {{0}}};
	unsigned int looks = 0;

	(void)state;
	look.small[0] = (struct policy_sample){512, 64, 64 * 1500, 2 * MIB};
	for (size_t i = 0; i < 5; i++)
		look.huge[i] = (struct policy_sample){1, 1, 4000000 + 100000 * i, 2 * MIB};
	for (; choice.level == 1 && looks < 100; looks++)
		look_as_recorded(&look, &costs, &choice);
	assert_in_range(looks, 2, 8);
	assert_int_equal(choice.reason, POLICY_HUGE_DEAR);
	/* Not where small ones take as long then. */
	costs = policy_costs_built_in();
	choice = (struct policy_choice){.level = 1};
	look.small[0].fault_ns = 64 * 8000;
	for (unsigned int i = 0; i < 100; i++)
		look_as_recorded(&look, &costs, &choice);
	assert_int_equal(choice.changes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(costs_stay_bounded_whatever_is_measured),
	    cmocka_unit_test(costs_follow_what_is_measured_and_stand_still_with_it),
	    cmocka_unit_test(a_few_huge_pages_are_no_measure),
	    cmocka_unit_test(what_is_not_measured_any_more_is_forgotten),
	    cmocka_unit_test(huge_pages_are_for_what_is_dense_and_cheaper),
	    cmocka_unit_test(huge_pages_settle_within_the_chunks_that_are_stated),
	    cmocka_unit_test(what_was_recorded_keeps_huge_pages),
	    cmocka_unit_test(huge_pages_that_are_clearly_dear_are_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
