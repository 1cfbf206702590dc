// SPDX-License-Identifier: MIT
/* The policy's levels, batches and delay: bounded, settled and calm whatever it is told. Inputs are made to mislead. */
#include "policy_watch.h"

#define SLABS_A_SUPERSLAB 32

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
	    cmocka_unit_test(batches_grow_where_slabs_get_filled),
	    cmocka_unit_test(no_batch_is_made_of_what_is_not_touched_or_too_dear),
	    cmocka_unit_test(a_class_settles_within_the_superslabs_that_are_stated),
	    cmocka_unit_test(nonsense_about_a_slab_is_not_heard),
	    cmocka_unit_test(little_is_present_ahead_of_use),
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
