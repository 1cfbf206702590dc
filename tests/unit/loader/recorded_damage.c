// SPDX-License-Identifier: MIT
/* Files that are no recordings, are damaged, or want to do harm: each is refused with a line, and none is believed. */
#include "stack_sample.h"

#include <sqlite3.h>
#include <unistd.h>

#include "recorded_file.h"

static void make(struct recorded_file *file)
{
	struct snapshot *snapshot = sample_with_stacks();
	char error[DATABASE_ERROR];

	recorded_file_open(file);
	if (run_recording_add(file->recording, snapshot, 1000, error))
		fail_msg("%s", error);
	recorded_file_end(file, snapshot);
	snapshot_free(snapshot);
}

/* All of the last run; NULL with the line in `error`. */
static struct snapshot *read_file(const char *path, char error[DATABASE_ERROR])
{
	struct run_period all = {.to_ns = UNKNOWN};
	struct run_reader *reader = run_reader_open(path, error);
	const struct recorded_run *runs;
	struct snapshot *snapshot;
	size_t count;

	if (!reader)
		return NULL;
	runs = run_reader_runs(reader, &count);
	snapshot = run_reader_read(reader, &runs[count - 1], &all, error);
	run_reader_close(reader);
	return snapshot;
}

static void assert_refused(const char *path, const char *why)
{
	char error[DATABASE_ERROR] = "";
	struct snapshot *snapshot = read_file(path, error);

	if (snapshot)
		fail_msg("it was read");
	assert_contains(error, why);
	assert_null(strchr(error, '\n'));
}

/* As somebody would who may write to the file. */
static void change(struct recorded_file *file, const char *statements)
{
	sqlite3 *handle;
	char *problem = NULL;

	assert_int_equal(sqlite3_open(file->path, &handle), SQLITE_OK);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	if (sqlite3_exec(handle, statements, NULL, NULL, &problem) != SQLITE_OK)
		fail_msg("%s", problem);
	sqlite3_close(handle);
}

static void assert_refused_after(const char *statements, const char *why)
{
	struct recorded_file file;

	make(&file);
	change(&file, statements);
	assert_refused(file.path, why);
	recorded_file_remove(&file);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static char *read_bytes(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	char *bytes;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*size = ftell(file);
	rewind(file);
	bytes = malloc(*size);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static void what_is_no_recording_is_refused(void **state)
{
	struct recorded_file file;
	char text[5000];

	(void)state;
	make(&file);
	write_file(file.path, "", 0);
	assert_refused(file.path, "it is empty");
	memset(text, 'x', sizeof(text));
	write_file(file.path, text, sizeof(text));
	assert_refused(file.path, "it is damaged: file is not a database");
	write_file(file.path, "SQLite format 3", 16);
	assert_refused(file.path, "it is damaged");
	recorded_file_remove(&file);
	assert_refused("/nowhere/run.hkt", "unable to open");
	assert_refused(":memory:", "unable to open");
}

static void other_databases_are_refused(void **state)
{
	(void)state;
	assert_refused_after("PRAGMA application_id = 0", "it is a database, but no recording of hakmem-trace");
	assert_refused_after("PRAGMA application_id = 0x686b6d74", "it holds experiments");
	assert_refused_after("PRAGMA user_version = 4", "its version is 4, and this hakmem-trace knows 3: use a newer");
	assert_refused_after(
	    "PRAGMA user_version = 2", "its version is 2, and this hakmem-trace knows 3: use the older");
	assert_refused_after("PRAGMA user_version = -1", "there is no version -1");
	assert_refused_after("DELETE FROM slice", "no run is in it");
}

static void tables_that_are_others_are_refused(void **state)
{
	(void)state;
	assert_refused_after("DROP TABLE loss", "its table 'loss' is not what its version has");
	assert_refused_after("DROP TABLE loss; CREATE VIEW loss AS SELECT 1 AS slice, 'rows' AS kind, 1 AS count",
	    "its table 'loss' is not");
	assert_refused_after("ALTER TABLE slice ADD COLUMN more", "its table 'slice' is not");
	assert_refused_after(
	    "DROP TABLE loss; CREATE VIRTUAL TABLE loss USING fts5(slice, kind, count)", "its table 'loss' is not");
}

/* They may be there, for people have use for them, and are not looked at. */
static void nothing_in_the_file_is_carried_out(void **state)
{
	struct recorded_file file;
	struct snapshot *snapshot;
	char error[DATABASE_ERROR];

	(void)state;
	make(&file);
	change(&file, "DROP VIEW time; CREATE VIEW time AS SELECT load_extension('x'), edit('', 'sh');"
	              "CREATE TRIGGER harm AFTER INSERT ON slice BEGIN DELETE FROM slice; END;"
	              "CREATE TABLE more (a, b AS (printf('%1000000d', a)));"
	              "CREATE INDEX by_detail ON region(detail)");
	snapshot = read_file(file.path, error);
	assert_non_null(snapshot);
	assert_int_equal(snapshot->totals.counts.faults, 148);
	snapshot_free(snapshot);
	recorded_file_remove(&file);
}

static void values_that_can_not_be_are_refused(void **state)
{
	(void)state;
	assert_refused_after("UPDATE region_count SET faults = 'many'", "it is damaged");
	assert_refused_after("UPDATE region_count SET faults = 1.5", "something else where a count should be");
	assert_refused_after("UPDATE region_count SET faults = 9223372036854775807", "a count that can't be");
	assert_refused_after(
	    "UPDATE region SET region = 'heap' WHERE id = 1", "a region 'heap', which this hakmem-trace");
	assert_refused_after("UPDATE region SET detail = x'00ff'", "no text where a name should be");
	assert_refused_after("DELETE FROM region", "counts of a region that it doesn't have");
	assert_refused_after("UPDATE region_cause SET cause = 99 WHERE cause = 1", "there is no cause 99");
	assert_refused_after("UPDATE region_duration SET bucket = -1 WHERE bucket = 10", "there is no bucket -1");
	assert_refused_after("UPDATE hook SET method = 'guessed'", "a method 'guessed', which this hakmem-trace");
	assert_refused_after("UPDATE hook SET subject = 'x' || subject", "its hooks can't be read");
	assert_refused_after("INSERT INTO loss SELECT id, 'hope', 1 FROM slice", "it lost 'hope', which this");
}

static void stacks_that_can_not_be_are_refused(void **state)
{
	(void)state;
	assert_refused_after("UPDATE call SET caller = id", "its call stacks have no beginning");
	assert_refused_after(
	    "UPDATE call SET caller = (SELECT max(id) FROM call)", "its call stacks have no beginning");
	assert_refused_after("UPDATE call SET frame = 1000", "its call stacks have no beginning");
	assert_refused_after("UPDATE stack SET touched = 1000 WHERE touched IS NOT NULL", "a call stack is missing");
	assert_refused_after("UPDATE stack SET cause = 77", "whose memory a call stack touched");
	assert_refused_after("DELETE FROM text", "no text where a name should be");
	assert_refused_after("UPDATE stack_count SET faults = 'few'", "it is damaged");
	assert_refused_after(
	    "WITH RECURSIVE n(i) AS (SELECT max(id) + 1 FROM call UNION ALL SELECT i + 1 FROM n LIMIT 5000)"
	    " INSERT INTO call SELECT i, i - 1, 1 FROM n; UPDATE stack SET touched = (SELECT max(id) FROM call)",
	    "its call stacks are too deep");
}

static void what_is_cut_short_is_refused(void **state)
{
	struct recorded_file file;
	size_t size;
	char *bytes;

	(void)state;
	make(&file);
	bytes = read_bytes(file.path, &size);
	for (size_t left = 100; left < size; left += 1021) {
		write_file(file.path, bytes, left);
		assert_refused(file.path, "it is damaged");
	}
	free(bytes);
	recorded_file_remove(&file);
}

/* Any byte may be another: then it is refused, or read as something; it does no harm, and ends. */
static void what_is_scratched_does_no_harm(void **state)
{
	struct recorded_file file;
	unsigned int refused = 0;
	size_t size;
	char *bytes;

	(void)state;
	make(&file);
	bytes = read_bytes(file.path, &size);
	srand(1);
	for (int i = 0; i < 1000; i++) {
		char error[DATABASE_ERROR] = "";
		struct snapshot *snapshot;
		size_t place[4];
		char before[4];

		for (int j = 0; j < 4; j++) {
			place[j] = (size_t)rand() % (i % 2 ? size : 4096);
			before[j] = bytes[place[j]];
			bytes[place[j]] = rand();
		}
		write_file(file.path, bytes, size);
		for (int j = 4; j--;)
			bytes[place[j]] = before[j];
		snapshot = read_file(file.path, error);
		refused += !snapshot;
		assert_true(snapshot || error[0]);
		snapshot_free(snapshot);
	}
	assert_in_range(refused, 100, 999);
	free(bytes);
	recorded_file_remove(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_recording_is_refused),
	    cmocka_unit_test(other_databases_are_refused),
	    cmocka_unit_test(tables_that_are_others_are_refused),
	    cmocka_unit_test(nothing_in_the_file_is_carried_out),
	    cmocka_unit_test(values_that_can_not_be_are_refused),
	    cmocka_unit_test(stacks_that_can_not_be_are_refused),
	    cmocka_unit_test(what_is_cut_short_is_refused),
	    cmocka_unit_test(what_is_scratched_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
