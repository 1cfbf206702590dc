// SPDX-License-Identifier: MIT
/* Tests of loader/snapshot/filter.c: what stays, and that sums are made anew. */
#include "known_stacks.h"
#include "near.h"

#include "snapshot/filter.h"

static struct filter of_region(enum region region)
{
	return (struct filter){.regions = 1u << region};
}

static struct filter of(struct patterns filled, size_t offset)
{
	struct filter filter = {0};

	memcpy((char *)&filter + offset, &filled, sizeof(filled));
	return filter;
}

#define FILTER(member, ...)                                                                                            \
	of((struct patterns){.list = {__VA_ARGS__},                                                                    \
	       .count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)},                                 \
	    offsetof(struct filter, member))

static void apply(struct filter filter, struct snapshot *snapshot)
{
	assert_null(filter_problem(&filter, snapshot));
	assert_int_equal(filter_apply(&filter, snapshot), 0);
}

static void no_filter_changes_nothing(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	apply((struct filter){0}, snapshot);
	assert_null(snapshot->filter.words);
	assert_int_equal(snapshot->totals.counts.faults, 148);
	snapshot_free(snapshot);
}

static void a_region_keeps_its_exact_figures(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	apply(of_region(REGION_ALLOCATOR), snapshot);
	assert_int_equal(snapshot->region_count, 2);
	assert_int_equal(snapshot->totals.counts.faults, 41);
	assert_int_equal(snapshot->totals.counts.zeroed_bytes, 41 * 4096);
	assert_int_equal(snapshot->totals.counts.fault_ns, 41 * 1500);
	assert_int_equal(snapshot->totals.counts.histogram[10], 41);
	assert_int_equal(snapshot->totals.counts.causes[FAULT_CAUSE_PURGED], 8);
	assert_int_equal(snapshot->filter.faults, 148);
	assert_false(snapshot->filter.from_stacks);
	assert_string_equal(snapshot->filter.words, "region allocator");
	assert_int_equal(snapshot->totals.charged_minor, UNKNOWN); /* the kernel counts no regions */
	assert_int_equal(snapshot->stacks->row_count, 2);
	assert_near(snapshot->stacks->rows[0].all_faults, 38, 1e-9);
	assert_int_equal(snapshot->phase_count, 2);
	assert_int_equal(snapshot->phases[0].counts.faults, 0);
	assert_int_equal(snapshot->phases[1].counts.faults, 38);
	assert_int_equal(snapshot->purger_count, 1);
	snapshot_free(snapshot);
}

static void other_regions_lose_what_is_not_theirs(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	apply(of_region(REGION_LIBC), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 62);
	assert_int_equal(snapshot->purger_count, 0);
	assert_int_equal(snapshot->phases[1].counts.faults, 0);
	snapshot_free(snapshot);
}

static void details_are_matched_as_names_are(void **state)
{
	struct snapshot *snapshot = sample_snapshot();

	(void)state;
	apply(FILTER(details, "class *", "main"), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 38 + 15);
	assert_int_equal(snapshot->phase_count, 0); /* phases know no details */
	assert_string_equal(snapshot->filter.words, "detail class * or main");
	snapshot_free(snapshot);
}

static void what_may_be_sampled_stays_scaled(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	for (size_t i = 0; i < snapshot->stacks->row_count; i++)
		snapshot->stacks->rows[i].faults /= 2;
	snapshot->stacks->sampled = true;
	snapshot_finish(snapshot);
	apply(FILTER(functions, "pars"), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 38 + 3);
	snapshot_free(snapshot);
}

static void a_function_is_known_from_stacks(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	sample_processes(snapshot);
	apply(FILTER(functions, "alk", "malloc"), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 38 + 30);
	assert_int_equal(snapshot->totals.counts.zeroed_bytes, (38 + 24) * 4096);
	assert_int_equal(snapshot->totals.counts.fault_ns, (38 + 30) * 1500);
	assert_int_equal(snapshot->totals.counts.fault_ns_error, UNKNOWN);
	assert_int_equal(snapshot->totals.counts.zero_ns, UNKNOWN);
	assert_int_equal(snapshot->totals.counts.major, UNKNOWN);
	assert_int_equal(snapshot->totals.counts.waste.sampled, UNKNOWN);
	assert_int_equal(snapshot->totals.counts.causes[FAULT_CAUSE_FILE], 30);
	assert_int_equal(snapshot->region_count, 2);
	assert_true(snapshot->filter.from_stacks);
	assert_int_equal(snapshot->phase_count, 0);
	assert_int_equal(snapshot->purger_count, 0);
	assert_int_equal(snapshot->process_count, 1);
	assert_int_equal(snapshot->processes[0].counts.faults, 68);
	snapshot_free(snapshot);
}

static void a_process_is_named_or_numbered(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	apply(FILTER(processes, "oth*"), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 62);
	snapshot_free(snapshot);
	snapshot = known_stacks();
	apply(FILTER(processes, "7"), snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 71);
	snapshot_free(snapshot);
}

static void a_phase_has_regions(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	apply(FILTER(phases, "before main"), snapshot);
	assert_int_equal(snapshot->region_count, 1);
	assert_int_equal(snapshot->regions[0].region, REGION_LIBC);
	assert_int_equal(snapshot->totals.counts.faults, 110);
	assert_int_equal(snapshot->totals.failed, UNKNOWN);
	assert_null(snapshot->stacks); /* they know no phases */
	snapshot_free(snapshot);
}

static void rows_of_processes_need_no_stacks(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	struct filter filter = FILTER(processes, "other");

	(void)state;
	sample_processes(snapshot);
	filter.rows_of_processes = true;
	apply(filter, snapshot);
	assert_int_equal(snapshot->process_count, 1);
	assert_int_equal(snapshot->totals.counts.faults, 62);
	assert_int_equal(snapshot->totals.counts.zeroed_bytes, 8192);
	snapshot_free(snapshot);
}

static void what_cannot_be_had_is_said(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	struct filter filter = FILTER(functions, "parse");

	(void)state;
	assert_non_null(strstr(filter_problem(&filter, snapshot), "--stacks"));
	filter = FILTER(processes, "7");
	assert_non_null(strstr(filter_problem(&filter, snapshot), "--by process"));
	filter.rows_of_processes = true;
	assert_null(filter_problem(&filter, snapshot));
	filter.regions = 1;
	assert_non_null(filter_problem(&filter, snapshot));
	filter = FILTER(phases, "main");
	filter.regions = 1;
	assert_null(filter_problem(&filter, snapshot));
	filter.details.count = 1;
	assert_non_null(strstr(filter_problem(&filter, snapshot), "--phase"));
	snapshot_free(snapshot);
}

static void nothing_may_fit(void **state)
{
	struct snapshot *snapshot = known_stacks();

	(void)state;
	apply(of_region(REGION_ANON), snapshot);
	assert_int_equal(snapshot->region_count, 0);
	assert_int_equal(snapshot->totals.counts.faults, 0);
	assert_int_equal(snapshot->stacks->row_count, 0);
	assert_non_null(snapshot_region(snapshot, REGION_ANON, "more")); /* arrays still grow */
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_filter_changes_nothing),
	    cmocka_unit_test(a_region_keeps_its_exact_figures),
	    cmocka_unit_test(other_regions_lose_what_is_not_theirs),
	    cmocka_unit_test(details_are_matched_as_names_are),
	    cmocka_unit_test(what_may_be_sampled_stays_scaled),
	    cmocka_unit_test(a_function_is_known_from_stacks),
	    cmocka_unit_test(a_process_is_named_or_numbered),
	    cmocka_unit_test(a_phase_has_regions),
	    cmocka_unit_test(rows_of_processes_need_no_stacks),
	    cmocka_unit_test(what_cannot_be_had_is_said),
	    cmocka_unit_test(nothing_may_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
