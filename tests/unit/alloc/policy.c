// SPDX-License-Identifier: MIT
/* The policy: bounded, settled and calm whatever it is told. Inputs are as they were measured, or made to mislead. */
#include "test.h"

#include "policy.h"

#define SLABS_A_SUPERSLAB 32

static uint64_t random_state = 42;

static uint64_t noise(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Counts how often a level turns. */
struct watch {
	unsigned int looks, turns, changes;
	int level, direction;
};

static void watch(struct watch *watch, const struct policy_choice *choice, unsigned int highest)
{
	int direction = (choice->level > watch->level) - (choice->level < watch->level);

	assert_in_range(choice->level, 0, highest);
	assert_non_null(policy_reason_text(choice->reason));
	assert_true(strlen(policy_reason_text(choice->reason)) > 0);
	assert_in_range(direction * (choice->level - watch->level), 0, 1); /* a step at a time */
	watch->looks++;
	watch->changes += direction != 0;
	if (direction == 0)
		return;
	watch->turns += watch->direction != 0 && direction != watch->direction;
	watch->direction = direction;
	watch->level = choice->level;
}

static void assert_calm(const struct watch *watch, unsigned int highest, unsigned int patience)
{
	unsigned int most = patience + 1 + watch->looks / (1u << patience) + watch->looks / POLICY_CALM;

	assert_in_range(watch->turns, 0, most);
	assert_in_range(watch->changes, 0, highest * (most + 1));
}

static void wishes_that_alternate_turn_a_level_seldom(void **state)
{
	(void)state;
	for (unsigned int block = 1; block < 300; block++) {
		struct policy_choice choice = {.level = 0};
		struct watch seen = {.level = 0};

		for (unsigned int i = 0; i < 10000; i++) {
			policy_choose(&choice, i / block % 2 ? -1 : 1, POLICY_DENSE, 3, 5);
			watch(&seen, &choice, 3);
		}
		assert_calm(&seen, 3, 5);
	}
	for (unsigned int run = 0; run < 100; run++) {
		struct policy_choice choice = {.level = 0};
		struct watch seen = {.level = 0};

		for (unsigned int i = 0; i < 10000; i++) {
			policy_choose(&choice, (int)noise(3) - 1, POLICY_DENSE, 3, 5);
			watch(&seen, &choice, 3);
		}
		assert_calm(&seen, 3, 5);
	}
}

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

static void assert_bounded(const struct policy_costs *costs)
{
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
		struct policy_sample small = samples[noise(count)], huge = samples[noise(count)];

		for (unsigned int j = 0; j < 3; j++)
			policy_sample_add(&small, &samples[noise(count)], noise(2));
		policy_costs_learn(&costs, &small, &huge);
		assert_bounded(&costs);
	}
}

static void costs_follow_what_is_measured_and_stand_still_with_it(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_sample small = {512, 64, 64 * 3000, 2 * MIB}, huge = {16, 16, 16 * 400000, 32 * MIB};

	(void)state;
	policy_costs_learn(&costs, &(struct policy_sample){0}, &(struct policy_sample){0});
	assert_false(costs.measured);
	assert_in_range(costs.page, POLICY_PAGE_NS - 16, POLICY_PAGE_NS);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &samples[0], &samples[4]);
	assert_in_range(costs.page, 2500, 2580);
	assert_in_range(costs.huge, 188000, 191115);
	assert_true(costs.measured && costs.huge_given);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_true(costs.measured && costs.huge_given);
	assert_in_range(costs.page, 2950, 3000);
	assert_in_range(costs.huge, 395000, 400000);
	/* What others took of the processor is not what memory costs. */
	policy_sample_add(&small, &(struct policy_sample){512, 64, 64 * 100000, 2 * MIB}, false);
	policy_sample_add(&huge, &(struct policy_sample){1, 1, 8000000, 2 * MIB}, true);
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	assert_in_range(costs.page, 2950, 3000);
	assert_in_range(costs.huge, 395000, 400000);
	/* Who asked for huge pages and sees 4 KiB cleared a fault got none; their time is then that of small ones. */
	huge = (struct policy_sample){4096, 512, 512 * 1500, 16 * MIB};
	policy_costs_learn(&costs, &small, &huge);
	assert_false(costs.huge_given);
	assert_in_range(costs.huge, 395000, 400000);
}

static void what_is_not_measured_any_more_is_forgotten(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_sample small = {512, 64, 64 * 30000, 2 * MIB}, huge = {16, 16, 16 * 4000000, 32 * MIB};
	struct policy_sample none = {.faults = 0};
	struct policy_choice choice = {.level = 0};

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		policy_costs_learn(&costs, &small, &huge);
	costs.page = POLICY_PAGE_NS;
	assert_true(costs.measured);
	policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	assert_int_equal(choice.level, 0);
	/* No huge page is asked for any more, so none is timed: it must be tried again some day. */
	for (unsigned int i = 0; i < 100; i++) {
		policy_costs_learn(&costs, &none, &none);
		policy_huge_look(&choice, &costs, 16 * CHUNK_SIZE, 16 * CHUNK_SIZE);
	}
	assert_int_equal(choice.level, 1);
	assert_false(costs.measured);
}

/* A class's slabs come and go: so many pages of each are touched. */
static void use_slabs(
    struct policy_class *class, const struct policy_costs *costs, unsigned int touched, unsigned int slabs)
{
	for (unsigned int i = 0; i < slabs; i++) {
		policy_class_look(class, costs);
		policy_class_note(class, touched);
	}
}

static void batches_grow_where_slabs_get_filled(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_class class = {.populated = {0}};

	(void)state;
	policy_class_look(&class, &costs);
	assert_int_equal(class.choice.level, 0);
	assert_int_equal(class.choice.reason, POLICY_NO_EVIDENCE);
	use_slabs(&class, &costs, POLICY_SLAB_PAGES, 5);
	assert_int_equal(policy_batch_pages(class.choice.level), POLICY_SLAB_PAGES);
	assert_int_equal(class.choice.reason, POLICY_BATCH_PAYS);
	assert_int_equal(class.choice.changes, 3);
	use_slabs(&class, &costs, 1, 2 * SLABS_A_SUPERSLAB);
	assert_int_equal(class.choice.level, 0);
	assert_int_equal(class.choice.reason, POLICY_BATCH_WASTED);
}

static void no_batch_is_made_of_what_is_not_touched_or_too_dear(void **state)
{
	struct policy_costs costs = policy_costs_built_in();
	struct policy_class class = {.populated = {0}};

	(void)state;
	use_slabs(&class, &costs, 5, 100);
	assert_int_equal(class.choice.level, 0);
	/* A tenth untouched is worth it with the built-in costs, and not where clearing a page costs ten times as much.
	 */
	class = (struct policy_class){.populated = {0}};
	for (unsigned int i = 0; i < 20; i++) {
		use_slabs(&class, &costs, 16, 8);
		use_slabs(&class, &costs, 4, 1);
	}
	assert_int_not_equal(class.choice.level, 0);
	costs.page *= 10;
	for (unsigned int i = 0; i < 20; i++) {
		use_slabs(&class, &costs, 15, 3);
		use_slabs(&class, &costs, 9, 2);
	}
	assert_int_equal(class.choice.level, 0);
	/* Nor where a call costs more than all traps of a slab. */
	class = (struct policy_class){.populated = {0}};
	costs = policy_costs_built_in();
	costs.call = POLICY_SLAB_PAGES * costs.trap;
	use_slabs(&class, &costs, 16, 100);
	assert_int_equal(class.choice.level, 0);
	assert_int_equal(class.choice.reason, POLICY_BATCH_DEAR);
}

static void a_class_settles_within_the_superslabs_that_are_stated(void **state)
{
	struct policy_costs costs = policy_costs_built_in();

	(void)state;
	for (unsigned int block = 1; block < 200; block++) {
		struct policy_class class = {.populated = {0}};
		struct watch seen = {.level = 0};

		/* Whatever was before it. */
		for (unsigned int i = 0; i < 3000; i++) {
			use_slabs(
			    &class, &costs, i / block % 2 ? 1 + (unsigned int)noise(16) : 1 + 15 * (block % 2), 1);
			watch(&seen, &class.choice, POLICY_BATCHES);
		}
		assert_calm(&seen, POLICY_BATCHES, POLICY_PATIENCE_PREFAULT);
		use_slabs(&class, &costs, 16, POLICY_SETTLES_PREFAULT * SLABS_A_SUPERSLAB);
		assert_int_equal(class.choice.level, POLICY_BATCHES);
		use_slabs(&class, &costs, 2, POLICY_SETTLES_PREFAULT * SLABS_A_SUPERSLAB);
		assert_int_equal(class.choice.level, 0);
		use_slabs(&class, &costs, 16, POLICY_SETTLES_PREFAULT * SLABS_A_SUPERSLAB);
		assert_int_equal(class.choice.level, POLICY_BATCHES);
	}
}

static void nonsense_about_a_slab_is_not_heard(void **state)
{
	struct policy_class class = {.populated = {0}};

	(void)state;
	policy_class_note(&class, 0);
	policy_class_note(&class, 17);
	policy_class_note(&class, UINT32_MAX);
	assert_int_equal(class.populated[POLICY_BATCHES - 1], 0);
	for (unsigned int i = 0; i < 100000; i++) {
		policy_class_note(&class, 1 + (unsigned int)noise(16));
		for (unsigned int level = 0; level < POLICY_BATCHES; level++) {
			assert_in_range(class.populated[level], 1, 2048);
			assert_in_range(class.untouched[level], 0, class.populated[level]);
		}
	}
}

static void little_is_present_ahead_of_use(void **state)
{
	uint64_t touched = 0;
	int64_t ahead = 0;

	(void)state;
	assert_int_equal(policy_batch(3, 1, 16, 0, 90), 0); /* too little is touched */
	assert_int_equal(policy_batch(3, 1, 16, 0, 15 * POLICY_AHEAD_SHARE), 16);
	assert_int_equal(policy_batch(3, 1, 16, 0, 7 * POLICY_AHEAD_SHARE), 8); /* a smaller batch may do */
	assert_int_equal(policy_batch(3, 1, 5, 0, 1 << 20), 5);                 /* to the slab's end */
	assert_int_equal(policy_batch(3, 1, 3, 0, 1 << 20), 0);
	assert_int_equal(policy_batch(1, 4, 16, 0, 1 << 20), 0); /* it faults as much anyway */
	assert_int_equal(policy_batch(0, 1, 16, 0, 1 << 20), 0);
	assert_int_equal(policy_batch(3, 1, 16, INT64_MAX, UINT64_MAX), 0);
	assert_int_equal(policy_batch(3, 1, 16, INT64_MIN, 1 << 20), 16);
	/* Many slabs at once, none of which is used up. */
	for (unsigned int i = 0; i < 100000; i++) {
		unsigned int pages = policy_batch(
		    (unsigned int)noise(5), 1 + (unsigned int)noise(4), 1 + (unsigned int)noise(16), ahead, touched);

		assert_in_range(pages, 0, POLICY_SLAB_PAGES);
		ahead += pages != 0 ? pages - 1 : 0;
		touched++;
		assert_true((uint64_t)ahead <= touched / POLICY_AHEAD_SHARE + 3);
	}
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
	/* A huge page that takes as long as its small ones gains nothing. */
	choice = (struct policy_choice){.level = 1};
	costs.huge = 512 * (costs.page + costs.trap);
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

			costs.huge = block % 3 ? POLICY_HUGE_NS : POLICY_HUGE_NS / 8 + noise(POLICY_HUGE_NS * 32);
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

/* A program that needs so many pages in each burst, and none in between; what it keeps is the delay's business. */
struct program {
	struct policy_delay delay;
	struct policy_costs costs;
	struct watch watch;
	uint64_t kept, touched;
};

static void begin(struct program *program)
{
	*program = (struct program){.costs = policy_costs_built_in(), .watch = {.level = POLICY_DELAY_FIRST}};
	program->delay.choice.level = POLICY_DELAY_FIRST;
	policy_delay_begin(&program->delay);
}

static void tick(struct program *program, size_t lowest)
{
	size_t unused = policy_delay_tick(&program->delay, &program->costs, lowest);

	assert_true(unused <= lowest);
	policy_delay_look(&program->delay);
	watch(&program->watch, &program->delay.choice, POLICY_DELAYS - 1);
	if (unused == 0)
		return;
	program->kept -= unused / PAGE_SIZE;
	policy_delay_gave(&program->delay, unused);
	policy_delay_returned(&program->delay, POLICY_SMALL, unused / PAGE_SIZE);
}

static void burst_and_rest(struct program *program, uint64_t pages, unsigned int rest)
{
	uint64_t fresh = pages > program->kept ? pages - program->kept : 0;

	program->touched += fresh;
	policy_delay_touched(&program->delay, &program->costs, POLICY_SMALL, fresh, 0);
	tick(program, 0);
	program->kept = pages > program->kept ? pages : program->kept;
	for (unsigned int i = 0; i < rest; i++)
		tick(program, program->kept * PAGE_SIZE);
}

#define PAGES 16384 /* 64 MiB */

static unsigned int delay_of(const struct program *program)
{
	return policy_delay_ticks(&program->delay);
}

static void what_is_soon_used_again_is_kept_longer(void **state)
{
	struct program program;

	(void)state;
	/* Rests of 1.3 s: a second is too short, two are not. */
	begin(&program);
	for (unsigned int i = 0; i < 5; i++)
		burst_and_rest(&program, PAGES, 13);
	assert_int_equal(delay_of(&program), 20);
	assert_int_equal(program.delay.choice.reason, POLICY_REGRET);
	program.touched = 0;
	for (unsigned int i = 0; i < 200; i++)
		burst_and_rest(&program, PAGES, 13);
	assert_int_equal(delay_of(&program), 20);
	assert_int_equal(program.touched, 0);
	assert_int_equal(program.delay.choice.changes, 1);
}

static void what_is_never_used_again_goes_early(void **state)
{
	struct program program;

	(void)state;
	begin(&program);
	burst_and_rest(&program, PAGES, 100);
	assert_int_equal(delay_of(&program), 5);
	assert_int_equal(program.delay.choice.reason, POLICY_IDLE);
	assert_int_equal(program.kept, 0);
	/* Rests so long that keeping costs more than clearing anew. */
	begin(&program);
	for (unsigned int i = 0; i < 20; i++)
		burst_and_rest(&program, PAGES, 100);
	assert_int_equal(delay_of(&program), 5);
	/* Nor are huge pages, which are cheap to have again, worth as long a wait. */
	begin(&program);
	policy_delay_touched(&program.delay, &program.costs, POLICY_LARGE, 0, PAGES);
	for (unsigned int i = 0; i < 20; i++)
		burst_and_rest(&program, 0, 20);
	assert_in_range(delay_of(&program), 5, 10);
}

static void little_memory_changes_nothing(void **state)
{
	struct program program;

	(void)state;
	begin(&program);
	for (unsigned int i = 0; i < 100; i++)
		burst_and_rest(&program, i % 3, 13);
	assert_int_equal(program.watch.changes, 0);
}

static void a_delay_does_not_oscillate(void **state)
{
	(void)state;
	for (unsigned int block = 1; block < 40; block++) {
		struct program program;
		unsigned int looks;

		begin(&program);
		for (unsigned int i = 0; i < 400; i++)
			burst_and_rest(&program, PAGES, i / block % 2 ? 13 : 60);
		/* A look is a delay apart: there were no more than with the shortest one. */
		looks = program.watch.looks;
		program.watch.looks = looks / 5;
		assert_calm(&program.watch, POLICY_DELAYS - 1, POLICY_PATIENCE_DELAY);
	}
}

static void nonsense_leaves_a_delay_bounded(void **state)
{
	static const uint64_t numbers[] = {0, 1, PAGES, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
	struct program program;

	(void)state;
	begin(&program);
	for (unsigned int i = 0; i < 20000; i++) {
		struct policy_delay *delay = &program.delay;
		uint64_t number = numbers[noise(7)], other = numbers[noise(7)];

		program.costs.page = 1 + noise(POLICY_PAGE_NS * POLICY_DEAREST);
		program.costs.huge = 1 + noise(POLICY_HUGE_NS * POLICY_DEAREST);
		program.costs.huge_given = noise(2);
		policy_delay_touched(delay, &program.costs, (enum policy_pool)noise(POLICY_POOLS), number, other);
		policy_delay_returned(delay, (enum policy_pool)noise(POLICY_POOLS), numbers[noise(7)]);
		policy_delay_tick(delay, &program.costs, numbers[noise(7)]);
		policy_delay_look(delay);
		policy_delay_gave(delay, numbers[noise(7)]);
		assert_in_range(policy_delay_ticks(delay), 5, POLICY_TICKS_MOST);
	}
}

static void a_delay_settles_within_the_looks_that_are_stated(void **state)
{
	(void)state;
	for (unsigned int block = 1; block < 40; block++) {
		struct program program;

		begin(&program);
		for (unsigned int i = 0; i < 200; i++)
			burst_and_rest(&program, noise(2) * PAGES, i / block % 2 ? 13 : 60);
		/* There is one look in each of these. */
		for (unsigned int i = 0; i < POLICY_SETTLES_DELAY; i++)
			burst_and_rest(&program, PAGES, 13);
		assert_int_equal(delay_of(&program), 20);
		for (unsigned int i = 0; i < POLICY_SETTLES_DELAY; i++)
			burst_and_rest(&program, PAGES, 100);
		assert_int_equal(delay_of(&program), 5);
	}
}

static void a_helper_that_starts_anew_keeps_what_was_learned(void **state)
{
	struct program program;

	(void)state;
	begin(&program);
	for (unsigned int i = 0; i < 5; i++)
		burst_and_rest(&program, PAGES, 13);
	policy_delay_begin(&program.delay);
	assert_int_equal(delay_of(&program), 20);
	assert_int_equal(program.delay.choice.changes, 1);
	assert_true(program.delay.regretted > 0 && program.delay.returned > 0);
	assert_int_equal(program.delay.shadow, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wishes_that_alternate_turn_a_level_seldom),
	    cmocka_unit_test(costs_stay_bounded_whatever_is_measured),
	    cmocka_unit_test(costs_follow_what_is_measured_and_stand_still_with_it),
	    cmocka_unit_test(what_is_not_measured_any_more_is_forgotten),
	    cmocka_unit_test(batches_grow_where_slabs_get_filled),
	    cmocka_unit_test(no_batch_is_made_of_what_is_not_touched_or_too_dear),
	    cmocka_unit_test(a_class_settles_within_the_superslabs_that_are_stated),
	    cmocka_unit_test(nonsense_about_a_slab_is_not_heard),
	    cmocka_unit_test(little_is_present_ahead_of_use),
	    cmocka_unit_test(huge_pages_are_for_what_is_dense_and_cheaper),
	    cmocka_unit_test(huge_pages_settle_within_the_chunks_that_are_stated),
	    cmocka_unit_test(what_is_soon_used_again_is_kept_longer),
	    cmocka_unit_test(what_is_never_used_again_goes_early),
	    cmocka_unit_test(little_memory_changes_nothing),
	    cmocka_unit_test(a_delay_does_not_oscillate),
	    cmocka_unit_test(nonsense_leaves_a_delay_bounded),
	    cmocka_unit_test(a_delay_settles_within_the_looks_that_are_stated),
	    cmocka_unit_test(a_helper_that_starts_anew_keeps_what_was_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
