/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/output/text.c: figures for people, and strings that nobody can trust.
 */
#include "sample.h"

#include "output/text.h"

static void counts(void **state)
{
	(void)state;
	assert_string_equal(figure_count(0).text, "-");
	assert_string_equal(figure_plain(0).text, "0");
	assert_string_equal(figure_count(UNKNOWN).text, "n/a");
	assert_string_equal(figure_count(7).text, "7");
	assert_string_equal(figure_count(999).text, "999");
	assert_string_equal(figure_count(7672).text, "7,672");
	assert_string_equal(figure_count(123456).text, "123,456");
	assert_string_equal(figure_count(UNKNOWN - 1).text, "18,446,744,073,709,551,614");
}

static void sizes(void **state)
{
	(void)state;
	assert_string_equal(figure_bytes(0).text, "-");
	assert_string_equal(figure_bytes(UNKNOWN).text, "n/a");
	assert_string_equal(figure_bytes(512).text, "512 B");
	assert_string_equal(figure_bytes(4096).text, "4 KiB");
	assert_string_equal(figure_bytes(604 * 1024).text, "604 KiB");
	assert_string_equal(figure_bytes(1024 * 1024).text, "1.0 MiB");
	assert_string_equal(figure_bytes(1024 * 1024 - 1).text, "1.0 MiB");
	assert_string_equal(figure_bytes(24 * 1024 * 1024).text, "24 MiB");
	assert_string_equal(figure_bytes(UINT64_C(5) << 30).text, "5.0 GiB");
}

static void durations(void **state)
{
	(void)state;
	assert_string_equal(figure_duration(0).text, "-");
	assert_string_equal(figure_duration(UNKNOWN).text, "n/a");
	assert_string_equal(figure_duration(7).text, "7 ns");
	assert_string_equal(figure_duration(999).text, "999 ns");
	assert_string_equal(figure_duration(1500).text, "1.5 us");
	assert_string_equal(figure_duration(58200).text, "58 us");
	assert_string_equal(figure_duration(999600).text, "1.0 ms");
	assert_string_equal(figure_precise_duration(12100000).text, "12.1 ms");
	assert_string_equal(figure_precise_duration(1210000).text, "1.21 ms");
	assert_string_equal(figure_precise_duration(121000000).text, "121 ms");
	assert_string_equal(figure_duration(UINT64_C(3600000000000)).text, "3600 s");
	assert_string_equal(figure_short_duration(1234).text, "1.2u");
}

static void shares(void **state)
{
	(void)state;
	assert_string_equal(figure_share(41, 148).text, "27.7");
	assert_string_equal(figure_share(0, 148).text, "-");
	assert_string_equal(figure_share(UNKNOWN, 148).text, "n/a");
	assert_string_equal(figure_share(1, UNKNOWN).text, "n/a");
	assert_string_equal(figure_share(1, 0).text, "n/a");
}

static void check_safe(char *(*safe)(const char *), const char *from, const char *wanted)
{
	char *got = safe(from);

	assert_string_equal(got, wanted);
	free(got);
}

static void broken_utf8_is_replaced(void **state)
{
	(void)state;
	check_safe(text_valid_utf8, "plain", "plain");
	check_safe(text_valid_utf8, "", "");
	check_safe(text_valid_utf8, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	check_safe(text_valid_utf8,
	    "a\xff\xfe"
	    "b",
	    "a\xef\xbf\xbd\xef\xbf\xbd"
	    "b");
	check_safe(text_valid_utf8, "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong */
	check_safe(text_valid_utf8, "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* surrogate */
	check_safe(text_valid_utf8, "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");                 /* cut short */
	check_safe(text_valid_utf8, "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void control_characters_do_not_reach_a_terminal(void **state)
{
	(void)state;
	check_safe(text_printable, "a\033[31mb\n\x7f", "a?[31mb??");
	check_safe(text_printable,
	    "\xc2\x9b"
	    "31m\xc3\xa4",
	    "?31m\xc3\xa4");
	check_safe(text_valid_utf8, "a\033", "a\033"); /* JSON escapes it */
}

static void columns_are_characters(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xc3\xa4\xe2\x82\xac"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts),
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(durations),
	    cmocka_unit_test(shares),
	    cmocka_unit_test(broken_utf8_is_replaced),
	    cmocka_unit_test(control_characters_do_not_reach_a_terminal),
	    cmocka_unit_test(columns_are_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
