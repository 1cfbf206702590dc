/* SPDX-License-Identifier: MIT */
/* Tests of loader/live/canvas.c and spark.c: text on a screen of characters, whatever it is. */
#include "sample.h"

#include <locale.h>
#include <math.h>

#include "live/canvas.h"
#include "live/spark.h"

static void assert_line(const struct canvas *canvas, const char *line)
{
	char *text = canvas_text(canvas, 0);

	assert_string_equal(text, line);
	free(text);
}

/* One line of 10 columns with this put at a column. */
static struct canvas put(size_t column, size_t width, bool ascii, const char *text, size_t *behind)
{
	struct canvas canvas;

	assert_int_equal(canvas_open(&canvas, 1, 10, ascii), 0);
	*behind = canvas_put(&canvas, 0, column, width, LOOK_WARN, text);
	return canvas;
}

static void assert_put(size_t column, size_t width, bool ascii, const char *text, const char *line, size_t behind)
{
	size_t got;
	struct canvas canvas = put(column, width, ascii, text, &got);

	assert_line(&canvas, line);
	assert_int_equal(got, behind);
	canvas_close(&canvas);
}

static void cuts_what_is_too_long(void **state)
{
	(void)state;
	assert_put(0, 10, false, "0123456789", "0123456789", 10);
	assert_put(0, 10, false, "0123456789x", "01234567..", 10);
	assert_put(2, 5, false, "abcdef", "  abc..", 7);
	assert_put(8, 5, false, "abcdef", "        ab", 10);
	assert_put(0, 0, false, "abcdef", "", 0);
}

static void nothing_is_put_beside_the_screen(void **state)
{
	size_t behind;
	struct canvas canvas = put(10, 5, false, "x", &behind);

	(void)state;
	canvas_put(&canvas, 1, 0, 5, LOOK_PLAIN, "x");
	canvas_right(&canvas, 0, 9, 100, LOOK_PLAIN, "abc");
	canvas_paint(&canvas, 7, LOOK_PLAIN);
	assert_line(&canvas, "");
	canvas_close(&canvas);
}

static void wide_characters_take_two_columns(void **state)
{
	(void)state;
	assert_put(0, 10, false, "漢字x", "漢字x", 5);
	assert_put(0, 3, false, "漢字", "..", 2);
	assert_put(0, 5, false, "漢字漢", "漢..", 4);
	/* Half of one is not shown. */
	assert_put(9, 2, false, "漢", "", 9);
}

static void marks_combine_but_do_not_pile_up(void **state)
{
	char text[400] = "e";
	struct canvas canvas;
	size_t behind;

	(void)state;
	assert_put(0, 10, false, "e\xcc\x81x", "e\xcc\x81x", 2);
	for (int i = 0; i < 100; i++)
		strcat(text, "\xcc\x81");
	canvas = put(0, 10, false, text, &behind);
	assert_int_equal(behind, 1);
	assert_true(strlen(canvas.cells[0].text) < CELL_BYTES);
	canvas_close(&canvas);
	/* One with nothing before it. */
	assert_put(3, 5, false, "\xcc\x81", "", 3);
}

static void characters_that_steer_are_told_as_such(void **state)
{
	(void)state;
	assert_put(0, 10, false, "a\033b\x7f\xc2\x9b", "a?b??", 5);
	assert_put(0, 10, false,
	    "a\xe2\x80\xae"
	    "b",
	    "a?b", 3); /* right to left */
	assert_put(0, 10, false,
	    "a\xe2\x80\x8b"
	    "b",
	    "a?b", 3); /* of no width */
	assert_put(0, 10, false,
	    "a\xf3\xa0\x80\x81"
	    "b",
	    "a?b", 3); /* a tag */
	assert_put(0, 10, false,
	    "a\xff"
	    "b",
	    "a\xef\xbf\xbd"
	    "b",
	    3);
}

static void a_terminal_without_utf_8_gets_none(void **state)
{
	(void)state;
	assert_put(0, 10, true, "aé漢", "a??", 3);
}

static void right_aligned_text_ends_where_it_should(void **state)
{
	struct canvas canvas;

	(void)state;
	assert_int_equal(canvas_open(&canvas, 1, 10, false), 0);
	assert_int_equal(canvas_right(&canvas, 0, 1, 6, LOOK_PLAIN, "漢x"), 7);
	assert_line(&canvas, "    漢x");
	canvas_close(&canvas);
}

static void assert_spark(const double *values, size_t count, size_t columns, bool ascii, const char *line)
{
	char *text = spark(values, count, columns, ascii);

	assert_string_equal(text, line);
	free(text);
}

static void sparks_show_the_newest_at_the_right(void **state)
{
	static const double values[] = {100, 0, 1, NAN, 4, 8};

	(void)state;
	assert_spark(values + 1, 5, 7, false, "  ▁▂?▅█");
	assert_spark(values, 6, 3, false, "?▅█");
	assert_spark(values + 1, 5, 5, true, "_.?=#");
	assert_spark(values, 6, 0, false, "");
	assert_spark(values, 0, 2, false, "  ");
}

static void the_least_that_happened_looks_other_than_nothing(void **state)
{
	static const double values[] = {0, 1, 1e9, 0}, zeroes[] = {0, 0};

	(void)state;
	assert_spark(values, 4, 4, false, "▁▂█▁");
	assert_spark(zeroes, 2, 2, false, "▁▁");
}

static int use_utf_8(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cuts_what_is_too_long),
	    cmocka_unit_test(nothing_is_put_beside_the_screen),
	    cmocka_unit_test(wide_characters_take_two_columns),
	    cmocka_unit_test(marks_combine_but_do_not_pile_up),
	    cmocka_unit_test(characters_that_steer_are_told_as_such),
	    cmocka_unit_test(a_terminal_without_utf_8_gets_none),
	    cmocka_unit_test(right_aligned_text_ends_where_it_should),
	    cmocka_unit_test(sparks_show_the_newest_at_the_right),
	    cmocka_unit_test(the_least_that_happened_looks_other_than_nothing),
	};

	return cmocka_run_group_tests(tests, use_utf_8, NULL);
}
