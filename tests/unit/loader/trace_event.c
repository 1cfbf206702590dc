// SPDX-License-Identifier: MIT
/* Tests of loader/output/trace_event.c: parts of a run, one after the other, are one array of events. */
#include "sample.h"
#include "near.h"

#include <jansson.h>

/* A run of two intervals: 148 faults in the first second, none in the next half. */
static json_t *two_intervals(bool known)
{
	struct snapshot *snapshot = sample_snapshot(), *idle = sample_finish(sample_new());
	char *first, *second, *whole, *all;
	json_error_t error;
	json_t *events;

	if (!known)
		for (size_t i = 0; i < snapshot->region_count; i++)
			snapshot->regions[i].counts.zeroed_bytes = UNKNOWN;
	snapshot->processes = calloc(1, sizeof(*snapshot->processes));
	snapshot->processes[0] =
	    (struct process_row){.pid = 4312, .comm = strdup("bench \"2\""), .counts = snapshot->totals.counts};
	snapshot->process_count = 1;
	sample_finish(snapshot);
	snapshot->in_parts = idle->in_parts = true;
	snapshot->part = (struct part){1, true, 0, 1000000000};
	first = sample_written(output_trace_event, snapshot);
	idle->part = (struct part){2, false, 1000000000, 1500000000};
	second = sample_written(output_trace_event, idle);
	snapshot->part = (struct part){0, false, 0, 1500000000};
	whole = sample_written(output_trace_event, snapshot);
	assert_true(asprintf(&all, "%s%s%s", first, second, whole) > 0);
	events = json_loads(all, JSON_REJECT_DUPLICATES, &error);
	if (!events)
		fail_msg("%s at line %d of:\n%s", error.text, error.line, all);
	free(first);
	free(second);
	free(whole);
	free(all);
	snapshot_free(snapshot);
	snapshot_free(idle);
	return events;
}

static double number(const json_t *object, const char *name)
{
	if (!json_is_number(json_object_get(object, name)))
		fail_msg("%s is no number", name);
	return json_number_value(json_object_get(object, name));
}

static bool is(const json_t *event, const char *phase, const char *name)
{
	return !strcmp(json_string_value(json_object_get(event, "ph")), phase) &&
	       !strcmp(json_string_value(json_object_get(event, "name")), name);
}

/* The value of a counter at a time; -1: it has none. */
static double counter(const json_t *events, const char *name, bool of_process, const char *series, double at)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		const json_t *value = json_object_get(json_object_get(event, "args"), series);

		if (is(event, "C", name) && (number(event, "pid") == 4312) == of_process && number(event, "ts") == at)
			return json_is_number(value) ? json_number_value(value) : -1;
	}
	return -1;
}

static void counters_are_rates_by_region(void **state)
{
	json_t *events = two_intervals(true);

	(void)state;
	assert_near(counter(events, "faults/s", false, "libc", 0), 62, 1e-9);
	assert_near(counter(events, "faults/s", false, "allocator", 0), 41, 1e-9);
	assert_near(counter(events, "zeroed bytes/s", false, "kernel", 0), 9 * 4096, 1e-9);
	assert_near(counter(events, "faults/s", false, "libc", 1e6), 0, 1e-9);
	assert_near(counter(events, "faults/s", false, "libc", 1.5e6), 0, 1e-9);
	json_decref(events);
}

static void a_process_has_a_track_that_ends_with_what_it_did(void **state)
{
	json_t *events = two_intervals(true), *event;
	size_t i, named = 0, slices = 0;

	(void)state;
	json_array_foreach(events, i, event)
	{
		if (number(event, "pid") != 4312)
			continue;
		named += is(event, "M", "process_name");
		if (!is(event, "X", "bench \"2\""))
			continue;
		slices++;
		assert_near(number(event, "dur"), 1e6, 0);
		assert_near(number(json_object_get(event, "args"), "faults"), 148, 0);
	}
	assert_int_equal(named, 1);
	assert_int_equal(slices, 1);
	assert_near(counter(events, "faults/s", true, "all", 0), 148, 1e-9);
	assert_near(counter(events, "faults/s", true, "all", 1e6), 0, 1e-9);
	json_decref(events);
}

static void intervals_lie_side_by_side_in_the_run(void **state)
{
	json_t *events = two_intervals(true), *event;
	size_t i, found = 0;

	(void)state;
	json_array_foreach(events, i, event)
	{
		if (is(event, "X", "interval 1"))
			assert_near(number(event, "dur"), 1e6, 0);
		else if (is(event, "X", "interval 2"))
			assert_near(number(event, "ts"), 1e6, 0);
		else if (is(event, "X", "./bench"))
			assert_near(number(event, "dur"), 1.5e6, 0);
		else
			continue;
		found++;
	}
	assert_int_equal(found, 3);
	json_decref(events);
}

static void what_is_unknown_has_no_value(void **state)
{
	json_t *events = two_intervals(false);

	(void)state;
	assert_near(counter(events, "faults/s", false, "libc", 0), 62, 1e-9);
	assert_near(counter(events, "zeroed bytes/s", false, "libc", 0), -1, 0);
	assert_near(counter(events, "zeroed bytes/s", true, "all", 0), 137 * 4096, 1e-9);
	json_decref(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counters_are_rates_by_region),
	    cmocka_unit_test(a_process_has_a_track_that_ends_with_what_it_did),
	    cmocka_unit_test(intervals_lie_side_by_side_in_the_run),
	    cmocka_unit_test(what_is_unknown_has_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
