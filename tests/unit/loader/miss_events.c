// SPDX-License-Identifier: MIT
/* Events that sample data addresses, chosen by what a made-up sysfs has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "misses/miss_events.h"

static char root[64];

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%s/%.*s", root, (int)(slash - name), name);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/hakmem-sysfs-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void make_intel(const char *max_precise)
{
	put("cpu/type", "4");
	put("cpu/format/event", "config:0-7");
	put("cpu/format/umask", "config:8-15,40-47");
	put("cpu/format/ldlat", "config1:0-15");
	put("cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=30");
	put("cpu/caps/max_precise", max_precise);
}

static void make_amd(void)
{
	put("cpu/type", "4");
	put("cpu/format/event", "config:0-7,32-35");
	put("ibs_op/type", "11");
	put("ibs_op/format/cnt_ctl", "config:19");
}

static void intel_is_sampled_by_pebs(void **state)
{
	struct miss_event_chosen chosen[MISS_EVENTS_MOST];
	char reason[MISS_EVENT_REASON];

	(void)state;
	make_intel("3");
	assert_int_equal(miss_events_usual(root, false, chosen, reason), 3);
	assert_string_equal(chosen[0].kind->name, "stlb-miss-loads");
	assert_string_equal(chosen[0].encoding, "cpu/event=0xd0,umask=0x11/P");
	assert_int_equal(chosen[0].source.type, 4);
	assert_int_equal(chosen[0].source.config, 0x11d0);
	assert_int_equal(chosen[0].source.precise, 3);
	assert_int_equal(chosen[0].source.period, 1009);
	assert_true(chosen[0].source.details);
	assert_int_equal(chosen[1].source.config, 0x12d0);
	assert_int_equal(chosen[2].source.config, 0x08d1);
}

static void what_sysfs_names_goes_before_the_table(void **state)
{
	struct miss_event_chosen chosen;
	char reason[MISS_EVENT_REASON];

	(void)state;
	make_intel("2");
	assert_int_equal(miss_event_choose(root, miss_event_find("mem-loads"), 77, &chosen, reason), 0);
	assert_int_equal(chosen.source.config, 0x1cd);
	assert_int_equal(chosen.source.config1, 30);
	assert_int_equal(chosen.source.precise, 2);
	assert_int_equal(chosen.source.period, 77);
	assert_false(chosen.has_leader);
	put("cpu/events/mem-loads-aux", "event=0x03,umask=0x82");
	assert_int_equal(miss_event_choose(root, miss_event_find("mem-loads"), 0, &chosen, reason), 0);
	assert_true(chosen.has_leader && chosen.source.follows);
	assert_int_equal(chosen.leader.config, 0x8203);
}

static void amd_is_sampled_by_ibs(void **state)
{
	struct miss_event_chosen chosen[MISS_EVENTS_MOST];
	char reason[MISS_EVENT_REASON];

	(void)state;
	make_amd();
	assert_int_equal(miss_events_usual(root, false, chosen, reason), 1);
	assert_int_equal(chosen[0].source.type, 11);
	assert_int_equal(chosen[0].source.config, 1 << 19);
	assert_int_equal(chosen[0].source.precise, 0);
	assert_int_equal(miss_event_choose(root, miss_event_find("ibs-op"), 1001, &chosen[0], reason), -1);
	assert_non_null(strstr(reason, "multiple of 16"));
	assert_int_equal(miss_event_choose(root, miss_event_find("stlb-miss-loads"), 0, &chosen[0], reason), -1);
	assert_non_null(strstr(reason, "field ldlat"));
}

static void what_is_missing_is_said(void **state)
{
	struct miss_event_chosen chosen[MISS_EVENTS_MOST];
	char reason[MISS_EVENT_REASON];

	(void)state;
	assert_int_equal(miss_events_usual(root, true, chosen, reason), 0);
	assert_non_null(strstr(reason, "this virtual machine has no PMU"));
	assert_non_null(strstr(reason, "-cpu host,pmu=on"));
	assert_non_null(strstr(reason, "--tlb-model"));
	assert_int_equal(miss_events_usual(root, false, chosen, reason), 0);
	assert_non_null(strstr(reason, "this machine has no PMU"));
	make_intel("0");
	assert_int_equal(miss_events_usual(root, true, chosen, reason), 0);
	assert_non_null(strstr(reason, "samples no data addresses"));
	assert_int_equal(miss_event_choose(root, miss_event_find("l1-miss-loads"), 0, &chosen[0], reason), -1);
	assert_non_null(strstr(reason, "no PEBS"));
	assert_null(strchr(reason, '\n'));
}

static void page_faults_are_everywhere(void **state)
{
	struct miss_event_chosen chosen;
	char reason[MISS_EVENT_REASON];

	(void)state;
	assert_int_equal(miss_event_choose(root, miss_event_find("page-faults"), 0, &chosen, reason), 0);
	assert_int_equal(chosen.source.type, PERF_TYPE_SOFTWARE);
	assert_int_equal(chosen.source.period, 1);
	assert_null(miss_event_find("cycles"));
}

static void fields_of_several_parts(void **state)
{
	struct perf_source source = {};
	char wrong[PMU_TERMS] = "";
	struct pmu pmu;

	(void)state;
	make_intel("3");
	assert_true(pmu_find(root, "cpu", &pmu));
	assert_true(pmu_encode(&pmu, "umask=0x1ff", &source, wrong));
	assert_int_equal(source.config, 0xff00ULL | 1ULL << 40);
	assert_false(pmu_encode(&pmu, "event=0x100", &source, wrong)); /* does not fit */
	assert_string_equal(wrong, "event=0x100");
	assert_false(pmu_encode(&pmu, "event=1,frontend=2", &source, wrong));
	assert_string_equal(wrong, "frontend=2");
	assert_false(pmu_encode(&pmu, "event=x", &source, wrong));
	assert_false(pmu_encode(&pmu, "../type=1", &source, wrong));
	assert_int_equal(pmu_capability(&pmu, "max_precise"), 3);
	assert_int_equal(pmu_capability(&pmu, "other"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(intel_is_sampled_by_pebs, make_root, remove_root),
	    cmocka_unit_test_setup_teardown(what_sysfs_names_goes_before_the_table, make_root, remove_root),
	    cmocka_unit_test_setup_teardown(amd_is_sampled_by_ibs, make_root, remove_root),
	    cmocka_unit_test_setup_teardown(what_is_missing_is_said, make_root, remove_root),
	    cmocka_unit_test_setup_teardown(page_faults_are_everywhere, make_root, remove_root),
	    cmocka_unit_test_setup_teardown(fields_of_several_parts, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
