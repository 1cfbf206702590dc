/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/tail.c: the end of a program's output, as lines. */
#include "sample.h"

#include "live/tail.h"

static void assert_tail(const char *bytes, size_t size, int within, const char *const *lines, size_t count)
{
	struct tail tail = {0};

	assert_int_equal(tail_of(&tail, bytes, size, within), 0);
	assert_int_equal(tail.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(tail.lines[i], lines[i]);
	tail_free(&tail);
}

#define TAIL(bytes, within, ...)                                                                                       \
	do {                                                                                                           \
		static const char *const lines[] = {__VA_ARGS__};                                                      \
		assert_tail(bytes, sizeof(bytes) - 1, within, lines, sizeof(lines) / sizeof(lines[0]));                \
	} while (0)

static void lines_are_split_with_and_without_a_last_end(void **state)
{
	(void)state;
	assert_tail("", 0, 0, NULL, 0);
	TAIL("one\ntwo\n", 0, "one", "two");
	TAIL("one\n\ntwo", 0, "one", "", "two");
	TAIL("ne\ntwo", 1, "two");
	TAIL("no end", 1, "no end");
}

static void what_was_meant_for_a_terminal_is_left_out(void **state)
{
	(void)state;
	TAIL("\033[1;31mred\033[0m", 0, "red");
	TAIL("\033]0;title\aa\033]8;;link:x\033\\b", 0, "ab");
	TAIL("\033Pq#1\033\\x\033(By", 0, "xBy");
	TAIL("1 %\r2 %\r3 %\r\n", 0, "3 %");
	TAIL("ab\bc", 0, "ac");
	TAIL("\b\bx", 0, "x");
	TAIL("a\tb", 0, "a       b");
	TAIL("a\0b", 0, "ab");
}

static void escapes_that_are_cut_off_end_with_the_line(void **state)
{
	(void)state;
	TAIL("x\033", 0, "x");
	TAIL("x\033[", 0, "x");
	TAIL("x\033[12;\ny", 0, "x", "y");
	TAIL("x\033]0;never\ny", 0, "x", "y");
	TAIL("x\033]0;never\033\ny", 0, "x", "y");
}

static void only_the_last_lines_are_kept(void **state)
{
	char bytes[4 * (TAIL_LINES + 50) + 1] = "";
	struct tail tail = {0};

	(void)state;
	for (int i = 0; i < TAIL_LINES + 50; i++)
		sprintf(bytes + 4 * i, "%03d\n", i);
	assert_int_equal(tail_of(&tail, bytes, strlen(bytes), 0), 0);
	assert_int_equal(tail.count, TAIL_LINES);
	assert_string_equal(tail.lines[0], "050");
	assert_string_equal(tail.lines[TAIL_LINES - 1], "249");
	tail_free(&tail);
}

static void a_file_is_read_from_its_end(void **state)
{
	FILE *file = tmpfile();
	struct tail tail = {0};

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 100000; i++)
		fprintf(file, "line %d\n", i);
	fflush(file);
	assert_int_equal(tail_read(&tail, fileno(file)), 0);
	assert_int_equal(tail.count, TAIL_LINES);
	assert_string_equal(tail.lines[TAIL_LINES - 1], "line 99999");
	assert_int_equal(tail.bytes, ftell(file));
	tail_free(&tail);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_split_with_and_without_a_last_end),
	    cmocka_unit_test(what_was_meant_for_a_terminal_is_left_out),
	    cmocka_unit_test(escapes_that_are_cut_off_end_with_the_line),
	    cmocka_unit_test(only_the_last_lines_are_kept),
	    cmocka_unit_test(a_file_is_read_from_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
