/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/moment.c: stepping back through a history, pausing, and totals since a reset. */
#include "sample.h"

#include <math.h>

#include "live/moment.h"

#define SECOND 1000000000ULL

/* 10 faults in the first second, 20 in the second, ..., each on a page that was zeroed. */
static struct snapshot *whole_after(uint64_t seconds)
{
	struct snapshot *whole = sample_new();
	uint64_t faults = 10 * seconds * (seconds + 1) / 2;

	sample_row(whole, REGION_ALLOCATOR, "class 64", faults, faults);
	whole->totals.traced_ns = seconds * 1000000;
	return sample_finish(whole);
}

struct watched {
	struct history *history;
	struct moment moment;
	struct dashboard dashboard;
	struct scene scene;
};

static void look(struct watched *watched)
{
	assert_int_equal(moment_look(&watched->moment, watched->history, &watched->dashboard), 0);
	watched->scene = (struct scene){0};
	moment_scene(&watched->moment, &watched->scene);
}

static void add(struct watched *watched, uint64_t second)
{
	assert_int_equal(history_add(watched->history, whole_after(second), second * SECOND), 0);
	look(watched);
}

static void move(struct watched *watched, enum wish wish)
{
	assert_true(moment_move(&watched->moment, &watched->dashboard, wish));
	look(watched);
}

static void assert_shown(const struct watched *watched, uint64_t second, uint64_t total, uint64_t ago)
{
	assert_int_equal(watched->scene.now->totals.counts.faults, 10 * second);
	assert_int_equal(watched->scene.elapsed_ns, second * SECOND);
	assert_int_equal(watched->scene.total->totals.counts.faults, total);
	assert_int_equal(watched->scene.total->totals.counts.zeroed_bytes, total * 4096);
	assert_int_equal(watched->scene.ago_ns, ago * SECOND);
	assert_int_equal(watched->scene.point_count, second);
}

static int open_watched(void **state)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	watched->history = history_new(SECOND, HISTORY_BYTES);
	dashboard_start(&watched->dashboard);
	look(watched);
	*state = watched;
	return 0;
}

static int close_watched(void **state)
{
	struct watched *watched = *state;

	moment_close(&watched->moment);
	history_free(watched->history);
	free(watched);
	return 0;
}

static void an_empty_history_shows_nothing_and_survives_keys(void **state)
{
	struct watched *watched = *state;

	assert_null(watched->scene.now);
	assert_null(watched->scene.total);
	move(watched, WISH_BACK);
	move(watched, WISH_PAUSE);
	move(watched, WISH_OLDEST);
	assert_false(watched->dashboard.held);
	assert_int_equal(moment_reset(&watched->moment, watched->history), -1);
	assert_null(moment_snapshot(&watched->moment));
}

static void the_newest_is_shown_as_it_comes(void **state)
{
	struct watched *watched = *state;

	add(watched, 1);
	assert_shown(watched, 1, 10, 0);
	add(watched, 2);
	assert_shown(watched, 2, 30, 0);
	assert_true(watched->scene.points[1].faults == 20);
	assert_true(watched->scene.points[1].zeroed_bytes == 20 * 4096);
	assert_true(fabs(watched->scene.points[1].fault_share - 3) < 0.01); /* 20 of 1.5 us of 1 ms */
}

static void steps_go_back_and_forward_by_slices(void **state)
{
	struct watched *watched = *state;

	for (uint64_t second = 1; second <= 5; second++)
		add(watched, second);
	move(watched, WISH_BACK);
	assert_shown(watched, 4, 100, 1);
	move(watched, WISH_BACK);
	assert_shown(watched, 3, 60, 2);
	/* It stays there while time goes on. */
	add(watched, 6);
	assert_shown(watched, 3, 60, 3);
	move(watched, WISH_FORWARD);
	assert_shown(watched, 4, 100, 2);
	move(watched, WISH_FORWARD);
	move(watched, WISH_FORWARD);
	assert_shown(watched, 6, 210, 0);
	assert_false(watched->dashboard.held);
	add(watched, 7);
	assert_shown(watched, 7, 280, 0);
	move(watched, WISH_OLDEST);
	assert_shown(watched, 1, 10, 6);
	move(watched, WISH_BACK);
	assert_shown(watched, 1, 10, 6);
	move(watched, WISH_NEWEST);
	assert_shown(watched, 7, 280, 0);
}

static void a_pause_holds_and_goes_on(void **state)
{
	struct watched *watched = *state;

	add(watched, 1);
	add(watched, 2);
	move(watched, WISH_PAUSE);
	add(watched, 3);
	assert_shown(watched, 2, 30, 1);
	move(watched, WISH_PAUSE);
	assert_shown(watched, 3, 60, 0);
}

static void a_reset_begins_totals_anew(void **state)
{
	struct watched *watched = *state;
	struct snapshot *saved;

	add(watched, 1);
	add(watched, 2);
	assert_int_equal(moment_reset(&watched->moment, watched->history), 0);
	look(watched);
	assert_true(watched->scene.was_reset);
	assert_shown(watched, 2, 0, 0);
	add(watched, 3);
	add(watched, 4);
	assert_true(watched->scene.was_reset);
	assert_shown(watched, 4, 70, 0);
	saved = moment_snapshot(&watched->moment);
	assert_int_equal(saved->totals.counts.faults, 70);
	assert_int_equal(saved->part.start_ns, 2 * SECOND);
	assert_int_equal(saved->part.end_ns, 4 * SECOND);
	assert_int_equal(saved->wall_ns, 2 * SECOND);
	snapshot_free(saved);
	move(watched, WISH_BACK);
	assert_shown(watched, 3, 30, 1);
	/* Before it, since the start. */
	move(watched, WISH_BACK);
	move(watched, WISH_BACK);
	assert_shown(watched, 1, 10, 3);
	assert_false(watched->scene.was_reset);
}

static void what_is_saved_is_what_is_shown(void **state)
{
	struct watched *watched = *state;
	struct snapshot *saved;

	for (uint64_t second = 1; second <= 3; second++)
		add(watched, second);
	saved = moment_snapshot(&watched->moment);
	assert_int_equal(saved->totals.counts.faults, 60);
	assert_false(saved->in_parts);
	assert_string_equal(saved->command[0], "./bench");
	snapshot_free(saved);
	move(watched, WISH_BACK);
	saved = moment_snapshot(&watched->moment);
	assert_int_equal(saved->totals.counts.faults, 30);
	assert_true(saved->in_parts);
	assert_int_equal(saved->part.end_ns, 2 * SECOND);
	snapshot_free(saved);
}

static void a_moment_is_found_again_when_its_slice_was_merged(void **state)
{
	struct watched *watched = *state;

	for (uint64_t second = 1; second <= 10; second++)
		add(watched, second);
	move(watched, WISH_BACK);
	move(watched, WISH_BACK);
	assert_shown(watched, 8, 360, 2);
	for (uint64_t second = 11; second <= 400; second++)
		add(watched, second);
	assert_true(watched->scene.elapsed_ns >= 8 * SECOND);
	assert_true(watched->scene.slice_ns >= 10 * SECOND);
	/* What was counted until then is exact, whatever the slices. */
	assert_int_equal(watched->scene.elapsed_ns % SECOND, 0);
	uint64_t seconds = watched->scene.elapsed_ns / SECOND;
	assert_int_equal(watched->scene.total->totals.counts.faults, 10 * seconds * (seconds + 1) / 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_watched, close_watched)
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_history_shows_nothing_and_survives_keys),
	    TEST(the_newest_is_shown_as_it_comes),
	    TEST(steps_go_back_and_forward_by_slices),
	    TEST(a_pause_holds_and_goes_on),
	    TEST(a_reset_begins_totals_anew),
	    TEST(what_is_saved_is_what_is_shown),
	    TEST(a_moment_is_found_again_when_its_slice_was_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
