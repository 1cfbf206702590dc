// SPDX-License-Identifier: MIT
/* What libhakmem says that it decided, from a process's own words to every output, and through recordings. */
#include "sample.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/decision_text.h"
#include "recorded_file.h"
#include "recording/json_in.h"
#include "snapshot/decisions.h"
#include "process/told_decisions.h"

/* As libhakmem begins: nothing but the delay is decided, by nothing. */
static struct hakmem_decisions told_first(void)
{
	struct hakmem_decisions told = {.size = sizeof(told), .delay = {.value = 1000, .made = 1}};

	told.block_size[5] = 512;
	return told;
}

static struct hakmem_decisions told_more(void)
{
	struct hakmem_decisions told = told_first();

	told.huge[2] = (struct hakmem_decision){.changes = 1, .value = 1, .reason = 4, .made = 1};
	told.prefault[5] = (struct hakmem_decision){.changes = 3, .value = 16, .reason = 1, .made = 1};
	return told;
}

static void what_is_told_is_named(void **state)
{
	struct hakmem_decisions told = told_more();
	struct decisions decisions = {};

	(void)state;
	assert_int_equal(told_decisions(&told, &decisions), 0);
	assert_int_equal(decisions.count, 3);
	assert_int_equal(decisions.list[0].lever, LEVER_DELAY);
	assert_int_equal(decisions.list[0].value, 1000);
	assert_string_equal(decisions.list[0].reason, "nothing is known yet");
	assert_int_equal(decisions.list[1].lever, LEVER_HUGE);
	assert_int_equal(decisions.list[1].pool, 2);
	assert_string_equal(decisions.list[1].reason, "what the newest chunks have is touched");
	assert_int_equal(decisions.list[2].lever, LEVER_PREFAULT);
	assert_int_equal(decisions.list[2].block_bytes, 512);
	assert_int_equal(decisions.list[2].changes, 3);
	decisions_free(&decisions);
}

static void of_lies_no_word_is_taken(void **state)
{
	struct hakmem_decisions told;
	struct decisions decisions = {};
	char text[DECISION_TEXT];

	(void)state;
	memset(&told, 0xff, sizeof(told));
	assert_int_equal(told_decisions(&told, &decisions), 0);
	assert_int_equal(decisions.count, 0);
	told.size = sizeof(told);
	assert_int_equal(told_decisions(&told, &decisions), 0);
	assert_true(decisions.count > 1 && decisions.count <= DECISIONS_MOST);
	for (size_t i = 0; i < decisions.count; i++) {
		assert_string_equal(decisions.list[i].reason, "");
		decision_text(&decisions.list[i], text);
		assert_non_null(strstr(text, ": why is not known; 4294967295 changes"));
	}
	decisions_free(&decisions);
}

static void add_told(struct deciders *deciders, uint32_t pid, const char *comm, const struct hakmem_decisions *told)
{
	struct decider decider = {.pid = pid};

	assert_int_equal(told_decisions(told, &decider.decisions), 0);
	assert_int_equal(deciders_add(deciders, comm, &decider), 0);
}

static void add(struct deciders *deciders, uint32_t pid, const char *comm)
{
	struct hakmem_decisions told = told_more();

	add_told(deciders, pid, comm, &told);
}

static void add_unchanged(struct deciders *deciders, uint32_t pid)
{
	struct hakmem_decisions told = told_first();

	add_told(deciders, pid, "unchanged", &told);
}

static struct snapshot *with_deciders(unsigned int count)
{
	struct snapshot *snapshot = sample_snapshot();
	struct deciders *deciders = snapshot_deciders(snapshot);

	assert_non_null(deciders);
	for (unsigned int i = 0; i < count; i++)
		add(deciders, 4312 + i, "bench");
	deciders->more_unchanged = 2;
	return snapshot;
}

static void there_are_so_many_and_no_more(void **state)
{
	struct deciders deciders = {}, copy = {};

	(void)state;
	for (uint32_t i = 0; i < DECIDERS_MOST + 3; i++)
		add(&deciders, i, "many");
	assert_int_equal(deciders.count, DECIDERS_MOST);
	assert_int_equal(deciders.more, 3);
	assert_int_equal(deciders_copy(&copy, &deciders), 0);
	assert_int_equal(copy.count, DECIDERS_MOST);
	assert_int_equal(copy.more, 3);
	deciders_free(&deciders);
	deciders_free(&copy);
}

static void what_changed_nothing_makes_way(void **state)
{
	struct deciders deciders = {};

	(void)state;
	for (uint32_t i = 0; i < DECIDERS_MOST; i++)
		add_unchanged(&deciders, i);
	add_unchanged(&deciders, 1000);
	assert_int_equal(deciders.more_unchanged, 1);
	add(&deciders, 2000, "changed");
	assert_int_equal(deciders.count, DECIDERS_MOST);
	assert_int_equal(deciders.more, 0);
	assert_int_equal(deciders.more_unchanged, 2);
	assert_int_equal(deciders.list[0].pid, 1);
	assert_int_equal(deciders.list[DECIDERS_MOST - 1].pid, 2000);
	deciders_free(&deciders);
}

static void the_table_has_what_was_changed(void **state)
{
	struct snapshot *snapshot = with_deciders(1);
	char *text = sample_written(output_table, snapshot);

	(void)state;
	assert_non_null(
	    strstr(text, "\nlibhakmem decides by what memory costs: 3 decisions in 1 process, 2 of them changed; "
	                 "2 more changed none\n"));
	assert_non_null(strstr(text, "\n  bench 4312: huge pages for medium blocks of pool 2 are asked for: "));
	assert_non_null(strstr(text, "\n  bench 4312: 16 pages of a slab of class 512 made present at once: "));
	assert_null(strstr(text, "1000 ms"));
	free(text);
	snapshot_free(snapshot);
}

static void the_table_stays_short(void **state)
{
	struct snapshot *snapshot = with_deciders(20);
	char *text = sample_written(output_table, snapshot), *line = text;
	size_t lines = 0;

	(void)state;
	while ((line = strstr(line + 1, "\n  bench ")))
		lines++;
	assert_int_equal(lines, 12);
	assert_non_null(strstr(text, "\n  and 28 more: --format json has them all\n"));
	free(text);
	snapshot_free(snapshot);
}

static void a_name_reaches_no_terminal_raw(void **state)
{
	struct snapshot *snapshot = with_deciders(0);
	char *text;

	(void)state;
	add(snapshot->deciders, 7, "\033[31mred\377");
	text = sample_written(output_table, snapshot);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "[31mred"));
	free(text);
	snapshot_free(snapshot);
}

static void assert_same(const struct snapshot *snapshot, const struct snapshot *expected)
{
	char *one = sample_written(output_json, snapshot), *other = sample_written(output_json, expected);

	assert_string_equal(one, other);
	free(one);
	free(other);
}

static void json_comes_back(void **state)
{
	struct snapshot *snapshot = with_deciders(2), *copy;
	char *bytes = sample_written(output_json, snapshot), error[JSON_IN_ERROR];
	FILE *file = fmemopen(bytes, strlen(bytes), "r");

	(void)state;
	assert_non_null(strstr(bytes, "\"lever\": \"prefault_pages\", \"value\": 16, \"class\": 512, \"pool\": null"));
	copy = json_in_read(file, error);
	if (!copy)
		fail_msg("%s", error);
	fclose(file);
	assert_int_equal(copy->deciders->count, 2);
	assert_same(copy, snapshot);
	free(bytes);
	snapshot_free(copy);
	snapshot_free(snapshot);
}

static struct snapshot *recorded(struct recorded_file *file, uint64_t until_ns)
{
	return recorded_file_read(file, RECORDED_LAST, 0, until_ns);
}

static void record(struct recorded_file *file, const struct snapshot *snapshot)
{
	recorded_file_add(file, snapshot, 1000);
	recorded_file_end(file, snapshot);
}

static void a_recording_has_them(void **state)
{
	struct snapshot *snapshot = with_deciders(2), *copy;
	struct recorded_file file;

	(void)state;
	recorded_file_open(&file);
	record(&file, snapshot);
	copy = recorded(&file, UNKNOWN);
	assert_same(copy, snapshot);
	snapshot_free(copy);
	copy = recorded(&file, 2000);
	assert_null(copy->deciders); /* of a part of the run they are not known */
	assert_int_equal(copy->totals.unallocated, UNKNOWN);
	snapshot_free(copy);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

static void unknown_stays_unknown(void **state)
{
	struct snapshot *snapshot = sample_snapshot(), *copy;
	struct recorded_file file;
	char *bytes;

	(void)state;
	recorded_file_open(&file);
	record(&file, snapshot);
	copy = recorded(&file, UNKNOWN);
	assert_null(copy->deciders);
	bytes = sample_written(output_json, copy);
	assert_non_null(strstr(bytes, "\"decisions\": null"));
	free(bytes);
	snapshot_free(copy);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_told_is_named),
	    cmocka_unit_test(of_lies_no_word_is_taken),
	    cmocka_unit_test(there_are_so_many_and_no_more),
	    cmocka_unit_test(what_changed_nothing_makes_way),
	    cmocka_unit_test(the_table_has_what_was_changed),
	    cmocka_unit_test(the_table_stays_short),
	    cmocka_unit_test(a_name_reaches_no_terminal_raw),
	    cmocka_unit_test(json_comes_back),
	    cmocka_unit_test(a_recording_has_them),
	    cmocka_unit_test(unknown_stays_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
