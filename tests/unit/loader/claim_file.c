/* SPDX-License-Identifier: MIT */
/*
 * Tests of loader/command/claim_file.c and claim_expect.c: what a claim file may say, and what is said of one that is
 * wrong.
 */
#include "trials.h"

#include "command/claim_expect.h"
#include "command/claim_file.h"

#define HEAD                                                                                                           \
	"claim It matters.\n"                                                                                          \
	"arm off HAKMEM_THP=off\n"                                                                                     \
	"arm on HAKMEM_THP=on\n"

static struct claim *parsed(const char *text)
{
	char error[CLAIM_FILE_ERROR] = "";
	struct claim *claim = claim_file_parse("a.claim", text, error);

	if (!claim)
		fail_msg("%s", error);
	return claim;
}

static void assert_refused(const char *text, const char *words)
{
	char error[CLAIM_FILE_ERROR] = "";
	struct claim *claim = claim_file_parse("a.claim", text, error);

	if (claim)
		fail_msg("it was taken: %s", text);
	assert_contains(error, words);
	assert_int_equal(strncmp(error, "a.claim:", 8), 0);
	assert_null(strchr(error, '\n'));
}

static void reads_all_that_a_file_may_have(void **state)
{
	struct claim *claim = parsed("# A comment\n"
	                             "\n"
	                             "claim    Two lines\n"
	                             "claim    of words.\r\n"
	                             "arm      on HAKMEM_THP=on 'WORDS=two words' preload=/lib/other.so\n"
	                             "arm      off\n"
	                             "\tarm   bare preload=\n"
	                             "baseline off\n"
	                             "preload  hakmem\n"
	                             "metric   ([0-9]+) ops/s\n"
	                             "runs     12\n"
	                             "traced   2\n"
	                             "command  ./bench \"two words\" 'it'\"'\"'s'\n"
	                             "expect   on wall_s at least 1.1x faster : it is faster: much\n"
	                             "expect   bare faults 0.5-0.8x\n");

	(void)state;
	assert_string_equal(claim->name, "a.claim");
	assert_string_equal(claim->text, "Two lines of words.");
	assert_int_equal(claim->arm_count, 3);
	assert_string_equal(claim->arms[0].name, "off");
	assert_string_equal(claim->arms[0].preload, "hakmem");
	assert_string_equal(claim->arms[1].name, "on");
	assert_string_equal(claim->arms[1].environment[0], "HAKMEM_THP=on");
	assert_string_equal(claim->arms[1].environment[1], "WORDS=two words");
	assert_null(claim->arms[1].environment[2]);
	assert_string_equal(claim->arms[1].preload, "/lib/other.so");
	assert_string_equal(claim->arms[2].name, "bare");
	assert_null(claim->arms[2].preload);
	assert_string_equal(claim->metric, "([0-9]+) ops/s");
	assert_false(claim->metric_less_is_better);
	assert_int_equal(claim->runs, 12);
	assert_int_equal(claim->traced, 2);
	assert_string_equal(claim->command[1], "two words");
	assert_string_equal(claim->command[2], "it's");
	assert_null(claim->command[3]);
	assert_int_equal(claim->part_count, 2);
	assert_int_equal(claim->parts[0].arm, 1);
	assert_string_equal(claim->parts[0].text, "it is faster: much");
	assert_int_equal(claim->parts[1].arm, 2);
	assert_string_equal(claim->parts[1].text, "bare: faults 0.5-0.8x");
	claim_free(claim);
}

static void what_is_left_out_is_not_said(void **state)
{
	struct claim *claim = parsed(HEAD "expect on wall_s within 2 %");

	(void)state;
	assert_int_equal(claim->runs, UINT32_MAX);
	assert_int_equal(claim->traced, UINT32_MAX);
	assert_null(claim->command);
	assert_null(claim->metric);
	assert_null(claim->arms[0].preload);
	claim_free(claim);
}

static void a_wrong_line_is_named(void **state)
{
	(void)state;
	assert_refused("claim x\narms off\n", "a.claim:2: there is no 'arms'");
	assert_refused(HEAD "arm on A=1\n", "a.claim:4: the arm 'on' is there already");
	assert_refused(HEAD "arm\n", "a.claim:4: 'arm' needs a name");
	assert_refused(HEAD "arm A=1\n", "an arm has a name first");
	assert_refused(HEAD "arm third HAKMEM_THP\n", "'HAKMEM_THP' is no VARIABLE=VALUE");
	assert_refused(HEAD "arm third =off\n", "'=off' is no VARIABLE=VALUE");
	assert_refused(HEAD "command 'x\n", "a quote is not closed");
	assert_refused(HEAD "command\n", "'command' needs");
	assert_refused(HEAD "runs many\n", "'runs' takes a whole number up to 10000, not 'many'");
	assert_refused(HEAD "runs -1\n", "not '-1'");
	assert_refused(HEAD "runs 5\nruns 6\n", "a.claim:5: 'runs' is there already");
	assert_refused(HEAD "metric\n", "'metric' needs a value");
	assert_refused(HEAD "expect third wall_s within 2 %\n", "which 'third' is not");
	assert_refused(HEAD "expect\n", "'expect' begins with the name of an arm");
	assert_refused(HEAD "expect on\n", "a.claim:4: what is expected of it is missing");
	assert_refused(HEAD "expect on speed at least 2x\n", "nothing is called 'speed' here; there are metric wall_s");
}

static void what_only_the_whole_tells(void **state)
{
	(void)state;
	assert_refused("arm a\narm b\nexpect b wall_s within 2 %", "'claim' is missing");
	assert_refused("claim x\n", "there is no arm");
	assert_refused(HEAD, "nothing is expected");
	assert_refused(HEAD "expect on metric at least 1.1x\n", "no line 'metric REGEX'");
	assert_refused(
	    HEAD "baseline third\nexpect on wall_s within 2 %\nruns 5\n", "a.claim:4: no arm is called 'third'");
	assert_refused(HEAD "expect off wall_s within 2 %\n", "compares the baseline with itself");
	assert_refused(HEAD "baseline on\nexpect on wall_s at most 2x\n", "compares the baseline with itself");
}

static void more_words_than_fit_are_refused_and_not_cut(void **state)
{
	char text[2048] = HEAD "command";

	(void)state;
	for (int i = 0; i < 257; i++)
		strcat(text, " x");
	strcat(text, "\n");
	assert_refused(text, "more than 256 words");
}

static struct claim_part expected(const char *text)
{
	char error[CLAIM_EXPECT_ERROR] = "";
	struct claim_part part = {.arm = 1};

	if (claim_expect_parse(&part, text, error))
		fail_msg("%s: %s", text, error);
	return part;
}

static void assert_expected(const char *text, enum claim_kind kind, double low, double high)
{
	struct claim_part part = expected(text);

	assert_int_equal(part.kind, kind);
	if (fabs(part.expected.low - low) > 1e-12 * fabs(low) ||
	    (isfinite(high) ? fabs(part.expected.high - high) > 1e-12 * high : !isinf(part.expected.high)))
		fail_msg("%s: %g to %g", text, part.expected.low, part.expected.high);
}

static void reads_ranges(void **state)
{
	(void)state;
	assert_expected("wall_s 1.10-1.15x faster", CLAIM_EFFECT, 1.10, 1.15);
	assert_expected("wall_s 1.10 - 1.15 x faster", CLAIM_EFFECT, 1.10, 1.15);
	assert_expected("wall_s 1.10 to 1.15x slower", CLAIM_EFFECT, 1.10, 1.15);
	assert_expected("faults at most 0.8x", CLAIM_EFFECT, 0, 0.8);
	assert_expected("faults at least 2x", CLAIM_EFFECT, 2, INFINITY);
	assert_expected("wall_s within 2 %", CLAIM_SAME, 0.98, 1.02);
	assert_expected("wall_s same within 0.5%", CLAIM_SAME, 0.995, 1.005);
	assert_expected("peak_rss_bytes at most 4 MiB", CLAIM_FIGURE, 0, 4 << 20);
	assert_expected("zeroed_bytes 1-2KiB", CLAIM_FIGURE, 1024, 2048);
	assert_expected("fault_s at most 250us", CLAIM_FIGURE, 0, 250e-6);
	assert_expected("faults at most 150", CLAIM_FIGURE, 0, 150);
	assert_expected("major_faults at most 0", CLAIM_FIGURE, 0, 0);
	assert_expected("metric at least 1e6", CLAIM_FIGURE, 1e6, INFINITY);
	assert_expected("zeroing 10-13 %", CLAIM_SHARE, 0.10, 0.13);
	assert_expected("recyclable at most 5%", CLAIM_SHARE, 0, 0.05);
	assert_int_equal(expected("wall_s 1.1-1.2x").sense, SENSE_RATIO);
	assert_int_equal(expected("wall_s 1.1-1.2x faster").sense, SENSE_FASTER);
	assert_int_equal(expected("metric 1.1-1.2x slower").sense, SENSE_SLOWER);
	assert_int_equal(expected("peak_rss_bytes at most 1x").measure, MEASURE_PEAK);
	assert_int_equal(expected("before-main at most 1 %").share, SHARE_BEFORE_MAIN);
}

static void assert_wrong(const char *text, const char *words)
{
	char error[CLAIM_EXPECT_ERROR] = "";
	struct claim_part part = {.arm = 1};

	if (!claim_expect_parse(&part, text, error))
		fail_msg("it was taken: %s", text);
	assert_contains(error, words);
}

static void says_what_is_wrong_with_a_range(void **state)
{
	(void)state;
	assert_wrong("wall_s", "a range is wanted");
	assert_wrong("wall_s faster", "a range is wanted");
	assert_wrong("wall_s at 1.1x", "a range is wanted");
	assert_wrong("wall_s -1x", "a range is wanted");
	assert_wrong("wall_s at least infx", "a range is wanted");
	assert_wrong("wall_s at least 0x1p3", "a range is wanted");
	assert_wrong("wall_s 1.1x faster", "nothing measured ever equals");
	assert_wrong("wall_s 1.1- faster", "a second number is missing");
	assert_wrong("wall_s at least 1.1-1.2x faster", "has two numbers");
	assert_wrong("wall_s 1.2-1.1x faster", "ends below where it begins");
	assert_wrong("wall_s 1.1-1.2x quicker", "neither 'faster' nor 'slower'");
	assert_wrong("wall_s 1.1-1.2x faster than light", "'than light' is too much");
	assert_wrong("faults 1.1-1.2x faster", "faults is no time");
	assert_wrong("wall_s at most 5 %", "wall_s takes a ratio");
	assert_wrong("wall_s at most 5", "a time in s, ms, us or ns");
	assert_wrong("peak_rss_bytes at most 5 MB", "a size in B, KiB, MiB or GiB");
	assert_wrong("zeroing at most 0.1", "a percentage is wanted");
	assert_wrong("zeroing within 2 %", "a percentage is wanted");
	assert_wrong("zeroing 90-110 %", "more than 100 %");
	assert_wrong("wall_s within 0 %", "more than 0 %");
	assert_wrong("wall_s within 2x", "wall_s takes a ratio");
}

static void a_file_that_is_none_is_refused(void **state)
{
	char error[CLAIM_FILE_ERROR] = "";

	(void)state;
	assert_null(claim_file_read("/no/such.claim", error));
	assert_contains(error, "can't read /no/such.claim: No such file");
	assert_null(claim_file_read("/proc/self/exe", error));
	assert_contains(error, "is no claim file");
	assert_null(claim_file_read("/", error));
	assert_contains(error, "can't read /");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_all_that_a_file_may_have),
	    cmocka_unit_test(what_is_left_out_is_not_said),
	    cmocka_unit_test(a_wrong_line_is_named),
	    cmocka_unit_test(what_only_the_whole_tells),
	    cmocka_unit_test(more_words_than_fit_are_refused_and_not_cut),
	    cmocka_unit_test(reads_ranges),
	    cmocka_unit_test(says_what_is_wrong_with_a_range),
	    cmocka_unit_test(a_file_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
