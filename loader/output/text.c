/* SPDX-License-Identifier: MIT */
/*
 * Human units, and untrusted strings made safe. See text.h.
 */
#include "output/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/snapshot.h"

#define REPLACEMENT      "\xef\xbf\xbd" /* U+FFFD */
#define REPLACEMENT_SIZE (sizeof(REPLACEMENT) - 1)

struct unit {
	double size;
	const char *name;
};

/* True when the figure is told by a word instead: unmeasured, or a true zero. */
static bool told_by_word(uint64_t value, struct figure *figure)
{
	if (value == UNKNOWN)
		strcpy(figure->text, "n/a");
	else if (value == 0)
		strcpy(figure->text, "-");
	else
		return false;
	return true;
}

struct figure figure_count(uint64_t count)
{
	struct figure figure;
	char digits[24];
	size_t length, to = 0;

	if (told_by_word(count, &figure))
		return figure;
	length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	for (size_t from = 0; from < length; from++) {
		if (from && (length - from) % 3 == 0)
			figure.text[to++] = ',';
		figure.text[to++] = digits[from];
	}
	figure.text[to] = '\0';
	return figure;
}

struct figure figure_plain(uint64_t count)
{
	return count ? figure_count(count) : (struct figure){"0"};
}

/* Three digits (precise) or two at least, but of the smallest unit: 1.50, 15.0, 150 or 1.5, 15, 150. */
static struct figure in_units(uint64_t value, const struct unit *units, const char *separator, bool precise)
{
	struct figure figure;
	double scaled;
	int decimals;

	if (told_by_word(value, &figure))
		return figure;
	/* 999.5 of one unit would print as 1000: take the next one then. */
	while (units[1].name && (double)value >= units[1].size - units[0].size / 2)
		units++;
	scaled = (double)value / units->size;
	decimals = (scaled < 9.95) + (precise && scaled < 9.995) + (precise && scaled >= 9.95 && scaled < 99.95);
	snprintf(figure.text, sizeof(figure.text), "%.*f%s%s", units->size > 1 ? decimals : 0, scaled, separator,
	    units->name);
	return figure;
}

struct figure figure_bytes(uint64_t bytes)
{
	static const struct unit units[] = {{1, "B"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}, {0, NULL}};
	struct figure figure;

	/* Whole KiB below a MiB have no ".0": pages stay countable. */
	if (bytes < units[1].size || bytes >= units[2].size || bytes % 1024 != 0)
		return in_units(bytes, units, " ", false);
	snprintf(figure.text, sizeof(figure.text), "%" PRIu64 " KiB", bytes / 1024);
	return figure;
}

static const struct unit durations[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}, {0, NULL}};

struct figure figure_duration(uint64_t nanoseconds)
{
	return in_units(nanoseconds, durations, " ", false);
}

struct figure figure_precise_duration(uint64_t nanoseconds)
{
	return in_units(nanoseconds, durations, " ", true);
}

struct figure figure_short_duration(uint64_t nanoseconds)
{
	static const struct unit units[] = {{1, "n"}, {1e3, "u"}, {1e6, "m"}, {1e9, "s"}, {0, NULL}};

	return in_units(nanoseconds, units, "", false);
}

struct figure figure_share(uint64_t part, uint64_t whole)
{
	struct figure figure;

	if (told_by_word(whole == UNKNOWN ? UNKNOWN : part, &figure))
		return figure;
	if (!whole)
		strcpy(figure.text, "n/a");
	else
		snprintf(figure.text, sizeof(figure.text), "%.1f", 100.0 * (double)part / (double)whole);
	return figure;
}

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Length of the valid UTF-8 character at the start, 0 when there is none: no overlong forms, no surrogates. */
static size_t character_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return is_continuation(s[1]) ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (!is_continuation(s[1]) || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return is_continuation(s[2]) ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (!is_continuation(s[1]) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return is_continuation(s[2]) && is_continuation(s[3]) ? 4 : 0;
	}
	return 0;
}

/* C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey as well. */
static bool is_control(const unsigned char *character)
{
	return character[0] < 0x20 || character[0] == 0x7f || (character[0] == 0xc2 && character[1] < 0xa0);
}

static char *made_safe(const char *string, bool printable)
{
	const unsigned char *from = (const unsigned char *)string;
	char *safe = malloc(strlen(string) * REPLACEMENT_SIZE + 1);
	char *to = safe;

	while (safe && *from) {
		size_t length = character_length(from);

		if (!length) {
			memcpy(to, REPLACEMENT, REPLACEMENT_SIZE);
			to += REPLACEMENT_SIZE;
			from++;
		} else if (printable && is_control(from)) {
			*to++ = '?';
			from += length;
		} else {
			memcpy(to, from, length);
			to += length;
			from += length;
		}
	}
	if (safe)
		*to = '\0';
	return safe;
}

char *text_valid_utf8(const char *string)
{
	return made_safe(string, false);
}

char *text_printable(const char *string)
{
	return made_safe(string, true);
}

size_t text_columns(const char *string)
{
	size_t columns = 0;

	for (; *string; string++)
		columns += !is_continuation(*string);
	return columns;
}
