// SPDX-License-Identifier: MIT
/* Tests of loader/output/open_metrics.c and what it is made of. (Real parsers read it in tests/system/metrics.sh.) */
#include "sample.h"

#include "output/open_metrics.h"

static char *written(const struct snapshot *snapshot, struct open_metrics_options options)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);

	assert_non_null(file);
	assert_int_equal(open_metrics_write(file, snapshot, &options), 0);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void add_process(struct snapshot *snapshot, uint32_t pid, const char *comm, const char *cgroup, uint64_t faults)
{
	size_t count = snapshot->process_count++;

	snapshot->processes = reallocarray(snapshot->processes, count + 1, sizeof(*snapshot->processes));
	assert_non_null(snapshot->processes);
	snapshot->processes[count] = (struct process_row){
	    .pid = pid, .comm = strdup(comm), .cgroup = cgroup ? strdup(cgroup) : NULL, .counts.faults = faults};
}

static void figures_are_those_of_the_snapshot(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	snapshot->totals.lost_by[LOST_FILES] = 3;
	add_process(snapshot, 7, "bench", "/user.slice", 148);
	bytes = written(snapshot, (struct open_metrics_options){.budget = 0.03});
	assert_contains(
	    bytes, "# TYPE hakmem_faults counter\nhakmem_faults_total{region=\"libc\",detail=\"data\"} 62\n");
	assert_contains(bytes, "\nhakmem_faults_total{region=\"allocator\",detail=\"class 1040\"} 38\n");
	assert_contains(bytes, "\nhakmem_major_faults_total{region=\"libc\",detail=\"data\"} 1\n");
	assert_contains(bytes, "\nhakmem_populated_faults_total{region=\"allocator\",detail=\"class 1040\"} 8\n");
	assert_contains(bytes, "# UNIT hakmem_zeroed_bytes bytes\n");
	assert_contains(bytes, "\nhakmem_zeroed_bytes_total{region=\"kernel\",detail=\"page-table\"} 36864\n");
	assert_contains(bytes, "\nhakmem_timed_fault_seconds_total{region=\"libc\",detail=\"data\"} 0.000093000\n");
	assert_contains(bytes, "\nhakmem_faults_by_cause_total{region=\"allocator\",cause=\"purged\"} 8\n");
	assert_contains(bytes, "\nhakmem_process_faults_total{comm=\"bench\",cgroup=\"/user.slice\"} 148\n");
	assert_contains(bytes, "\nhakmem_lost_total{kind=\"files\"} 3\n");
	assert_contains(bytes, "\nhakmem_charged_faults_total{kind=\"minor\"} 147\n");
	assert_contains(bytes, "\nhakmem_own_seconds_total 0.000132000\n");
	assert_contains(bytes, "\nhakmem_overhead_budget_ratio 0.03\n");
	assert_contains(bytes, "hakmem_rung_info{subject=\"zero_time\",rung=\"full\","
	                       "hook=\"fexit:get_page_from_freelist\",method=\"upper bound\"} 1\n");
	assert_contains(bytes, "\nhakmem_measured{subject=\"zero\"} 1\n");
	assert_contains(bytes, "hakmem_target_info{kind=\"command\",target=\"./bench 1000 two words\"} 1\n");
	assert_string_equal(bytes + strlen(bytes) - 7, "\n# EOF\n");
	free(bytes);
	snapshot_free(snapshot);
}

/* 1500 ns lie in the bucket of 1024 to 2047. */
static void durations_are_a_histogram_in_seconds(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = written(snapshot, (struct open_metrics_options){});

	(void)state;
	assert_contains(bytes, "\nhakmem_fault_seconds_bucket{region=\"allocator\",le=\"1.023e-06\"} 0\n"
	                       "hakmem_fault_seconds_bucket{region=\"allocator\",le=\"2.047e-06\"} 41\n");
	assert_contains(bytes, "\nhakmem_fault_seconds_bucket{region=\"allocator\",le=\"+Inf\"} 41\n"
	                       "hakmem_fault_seconds_count{region=\"allocator\"} 41\n"
	                       "hakmem_fault_seconds_sum{region=\"allocator\"} 0.000061500\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void what_is_not_measured_has_no_series(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	for (size_t i = 0; i < snapshot->region_count; i++) {
		struct counts *counts = &snapshot->regions[i].counts;

		counts->zeroed_bytes = counts->zeroed_twice_bytes = counts->zero_events = UNKNOWN;
		counts->timed = counts->timed_ns = counts->timeable = counts->covered.zero_ns = UNKNOWN;
	}
	free(snapshot->kernel.hooks[SUBJECT_ZERO].name);
	snapshot->kernel.hooks[SUBJECT_ZERO].name = NULL;
	snapshot->totals.skipped = snapshot->totals.own_ns = UNKNOWN;
	sample_finish(snapshot);
	bytes = written(snapshot, (struct open_metrics_options){});
	assert_contains(bytes, "hakmem_faults_total{");
	assert_lacks(bytes, "zeroed_bytes");
	assert_lacks(bytes, "hakmem_timed_");
	assert_lacks(bytes, "hakmem_fault_seconds");
	assert_lacks(bytes, "hakmem_fault_time_estimated_seconds{");
	assert_lacks(bytes, "skipped");
	assert_lacks(bytes, "hakmem_own_");
	assert_lacks(bytes, "budget");
	assert_lacks(bytes, "18446744073709551615");
	assert_lacks(bytes, "hakmem_rung_info{subject=\"zero\",");
	assert_contains(bytes, "\nhakmem_measured{subject=\"zero\"} 0\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void names_do_no_harm(void **state)
{
	struct snapshot *snapshot = sample_new();
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_FILE, "a\"b\\c\n\x1b[2J", 1, 0);
	sample_row(snapshot, REGION_FILE, "\xff{x=\"1\"} 5", 2, 0);
	sample_row(snapshot, REGION_LIBRARY, "two\x01", 3, 0);
	sample_row(snapshot, REGION_LIBRARY, "two\x02", 4, 0);
	add_process(snapshot, 7, "<script>", "/\xc3", 1);
	sample_finish(snapshot);
	bytes = written(snapshot, (struct open_metrics_options){});
	assert_contains(bytes, "hakmem_faults_total{region=\"file\",detail=\"a\\\"b\\\\c\?\?[2J\"} 1\n");
	assert_contains(bytes, "hakmem_faults_total{region=\"file\",detail=\"\xef\xbf\xbd{x=\\\"1\\\"} 5\"} 2\n");
	/* One series a name, or who reads it refuses all. */
	assert_contains(bytes, "hakmem_faults_total{region=\"library\",detail=\"two?\"} 7\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"<script>\",cgroup=\"/\xef\xbf\xbd\"} 1\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void the_rest_is_summed_up(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	struct open_metrics_options options = {.series = 3, .memory = open_metrics_memory_new()};
	char *bytes;

	(void)state;
	for (uint32_t pid = 1; pid <= 5; pid++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "p%u", pid);
		add_process(snapshot, pid, comm, "/", 10 - pid);
	}
	bytes = written(snapshot, options);
	assert_contains(bytes, "hakmem_faults_total{region=\"libc\",detail=\"data\"} 62\n");
	assert_contains(bytes, "hakmem_faults_total{region=\"allocator\",detail=\"class 1040\"} 38\n");
	assert_contains(bytes, "hakmem_faults_total{region=\"program\",detail=\"data\"} 30\n");
	assert_contains(bytes, "hakmem_faults_total{region=\"allocator\",detail=\"others\"} 3\n");
	assert_contains(bytes, "hakmem_faults_total{region=\"stack\",detail=\"others\"} 15\n");
	assert_lacks(bytes, "metadata");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"p3\",cgroup=\"/\"} 7\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"others\"} 11\n");
	free(bytes);

	/* Who has grown large meanwhile stays there. */
	snapshot_region(snapshot, REGION_STACK, "main")->counts.faults = 5000;
	snapshot->processes[4].counts.faults = 5000;
	sample_finish(snapshot);
	bytes = written(snapshot, options);
	assert_contains(bytes, "hakmem_faults_total{region=\"stack\",detail=\"others\"} 5000\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"others\"} 5006\n");
	free(bytes);
	open_metrics_memory_free(options.memory);
	snapshot_free(snapshot);
}

static void counters_never_go_back(void **state)
{
	struct snapshot *snapshot = sample_new();
	struct open_metrics_options options = {.memory = open_metrics_memory_new()};
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_UNSEEN, "", 20, 0);
	add_process(snapshot, 7, "sh", "/", 100);
	add_process(snapshot, 8, "sh", "/", 50);
	bytes = written(snapshot, options);
	assert_contains(bytes, "hakmem_faults_total{region=\"unseen\"} 20\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"sh\",cgroup=\"/\"} 150\n");
	free(bytes);

	/* It is known whose they are now; and one has called exec. */
	snapshot_region(snapshot, REGION_UNSEEN, "")->counts.faults = 12;
	free(snapshot->processes[0].comm);
	snapshot->processes[0].comm = strdup("ls");
	snapshot->processes[0].counts.faults = 130;
	snapshot->processes[1].counts.faults = 51;
	bytes = written(snapshot, options);
	assert_contains(bytes, "hakmem_faults_total{region=\"unseen\"} 20\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"sh\",cgroup=\"/\"} 151\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"ls\",cgroup=\"/\"} 30\n");
	free(bytes);
	open_metrics_memory_free(options.memory);
	snapshot_free(snapshot);
}

static void processes_can_be_told_apart(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	add_process(snapshot, 7, "sh", NULL, 100);
	add_process(snapshot, 8, "sh", NULL, 50);
	bytes = written(snapshot, (struct open_metrics_options){.pids = true});
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"sh\",pid=\"7\"} 100\n");
	assert_contains(bytes, "hakmem_process_faults_total{comm=\"sh\",pid=\"8\"} 50\n");
	free(bytes);
	snapshot_free(snapshot);
}

static void the_older_format_has_its_own_heads(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes = written(snapshot, (struct open_metrics_options){.classic = true});

	(void)state;
	assert_contains(bytes, "# TYPE hakmem_faults_total counter\nhakmem_faults_total{");
	assert_contains(bytes, "# TYPE hakmem_rung_info gauge\nhakmem_rung_info{");
	assert_contains(bytes, "# TYPE hakmem_fault_seconds histogram\nhakmem_fault_seconds_bucket{");
	assert_lacks(bytes, "# UNIT");
	assert_lacks(bytes, "# EOF");
	free(bytes);
	snapshot_free(snapshot);
}

static void open_metrics_are_for_who_takes_them(void **state)
{
	(void)state;
	assert_true(open_metrics_accepted("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"));
	assert_false(open_metrics_accepted("*/*"));
	assert_false(open_metrics_accepted(NULL));
	assert_string_equal(
	    open_metrics_content_type(false), "application/openmetrics-text; version=1.0.0; charset=utf-8");
	assert_string_equal(open_metrics_content_type(true), "text/plain; version=0.0.4; charset=utf-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(figures_are_those_of_the_snapshot),
	    cmocka_unit_test(durations_are_a_histogram_in_seconds),
	    cmocka_unit_test(what_is_not_measured_has_no_series),
	    cmocka_unit_test(names_do_no_harm),
	    cmocka_unit_test(the_rest_is_summed_up),
	    cmocka_unit_test(counters_never_go_back),
	    cmocka_unit_test(processes_can_be_told_apart),
	    cmocka_unit_test(the_older_format_has_its_own_heads),
	    cmocka_unit_test(open_metrics_are_for_who_takes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
