/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/output/csv.c and of the table of outputs.
 */
#include "stack_sample.h"

#define COLUMNS 29

static void every_line_has_all_columns(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	char *bytes = sample_written(output_csv, snapshot), *rest = bytes, *line;
	int lines = 0;

	(void)state;
	while ((line = strsep(&rest, "\n")) && *line) {
		int commas = 0;

		for (char *at = line; *at; at++)
			commas += *at == ',';
		assert_int_equal(commas, COLUMNS - 1);
		lines++;
	}
	assert_int_equal(lines, 1 + 6 + 1 + 4 + 1 + 11 + LOST_COUNT + snapshot->stacks->row_count);
	free(bytes);
	snapshot_free(snapshot);
}

static void rows_and_totals(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	char *bytes;

	(void)state;
	sample_asides(snapshot);
	snapshot->totals.user_ns = UNKNOWN;
	snapshot->totals.lost_by[LOST_FILES] = 3;
	snapshot->totals.skipped = UNKNOWN;
	snapshot->totals.unallocated = 5;
	bytes = sample_written(output_csv, snapshot);
	assert_contains(bytes, "record,region,detail,faults,major,populated,");
	assert_contains(bytes,
	    "\nregion,allocator,class "
	    "1040,38,0,8,38,57000,155648,38,9500,1536,2037,30,8,0,0,0,0,0,0,2,131072,65536,44080,86992,,,\n");
	assert_contains(bytes, "\nregion,kernel,page-table,0,0,0,0,0,36864,9,2250,,,0,0,0,0,0,0,0,0,0,,,,,,,\n");
	assert_contains(bytes, "\ntotal,,,148,1,8,148,");
	assert_contains(bytes, "\ncounter,rusage_minflt,,147,,,,,,,,,,,,,,,,,,,,,,,,,\n");
	assert_contains(bytes, "\ncounter,rusage_majflt,,1,");
	assert_contains(bytes, ",3,131072,65536,44080,86992,,,\nphase,");
	assert_contains(bytes, "\nphase,before main,,110,");
	assert_contains(bytes, "\nphase,main,,38,");
	assert_contains(bytes, "\nphase,main,allocator,38,");
	assert_contains(bytes, "\npurger,allocator,libfoo.so madvise,8,,,,,32768,,,,,,,,,,,,,,,,,,,,\n");
	assert_contains(bytes, "\ncounter,lost,,0,");
	assert_contains(bytes, "\ncounter,skipped,,,,");
	assert_contains(bytes, "\ncounter,unallocated,,5,");
	assert_contains(bytes, "\ncounter,lost_files,,3,");
	assert_contains(bytes, "\ncounter,lost_tasks,,0,");
	assert_contains(bytes, "\ncounter,user_ns,,,,");
	free(bytes);
	snapshot_free(snapshot);
}

static void stacks_have_lines_of_their_own(void **state)
{
	struct snapshot *snapshot = sample_with_stacks();
	char *bytes = sample_written(output_csv, snapshot);

	(void)state;
	assert_contains(bytes, ",pid,stack,allocated\nregion,");
	assert_contains(bytes, "\nstack,allocator,class 1040,13,,,,19000,51883,,,,,0,13,0,0,0,0,0,0,,,,,,4312,"
	                       "bench;__libc_start_main;main;work(int: char const*);[allocator class 1040],"
	                       "__libc_start_main;main\n");
	assert_contains(bytes,
	    "\nstack,kernel,page-table,0,,,,0,36864,,,,,0,0,0,0,0,0,0,0,,,,,,,[no stack];[kernel page-table],\n");
	assert_contains(bytes, ",4313,\"bench \"\"2\"\"?;?_[j];");
	free(bytes);
	snapshot_free(snapshot);
}

static void awkward_names_are_quoted(void **state)
{
	struct snapshot *snapshot = snapshot_new();
	char *bytes;

	(void)state;
	sample_row(snapshot, REGION_FILE, "a,b \"c\"", 1, 0);
	bytes = sample_written(output_csv, snapshot);
	assert_contains(bytes, "\nregion,file,\"a,b \"\"c\"\"\",1,");
	free(bytes);
	snapshot_free(snapshot);
}

static void outputs_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(output_find("csv")->write, output_csv);
	assert_ptr_equal(output_find("json")->write, output_json);
	assert_ptr_equal(output_find("table"), &outputs[0]);
	assert_null(output_find("xml"));
	assert_null(output_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_line_has_all_columns),
	    cmocka_unit_test(rows_and_totals),
	    cmocka_unit_test(stacks_have_lines_of_their_own),
	    cmocka_unit_test(awkward_names_are_quoted),
	    cmocka_unit_test(outputs_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
