// SPDX-License-Identifier: MIT
/* The grammar of expectations. See claim_expect.h. */
#include "command/claim_expect.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD 32

/* A range as it is written: [at least | at most | within] NUMBER [- NUMBER] [UNIT] [faster | slower]. */
struct range {
	bool least, most, within;
	double low, high; /* high: NAN where there is one number */
	char unit[WORD];  /* "x", "%", "MiB", ... or "" */
	char sense[WORD]; /* "faster", "slower" or "" */
};

struct unit_name {
	const char *name;
	enum unit unit;
	double size;
};

static const struct unit_name unit_names[] = {
    {"s", UNIT_SECONDS, 1},
    {"ms", UNIT_SECONDS, 1e-3},
    {"us", UNIT_SECONDS, 1e-6},
    {"ns", UNIT_SECONDS, 1e-9},
    {"B", UNIT_BYTES, 1},
    {"KiB", UNIT_BYTES, 0x1p10},
    {"MiB", UNIT_BYTES, 0x1p20},
    {"GiB", UNIT_BYTES, 0x1p30},
    {"", UNIT_COUNT, 1},
    {"", UNIT_NONE, 1},
};

static int __attribute__((format(printf, 2, 3))) wrong(char error[CLAIM_EXPECT_ERROR], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, CLAIM_EXPECT_ERROR, format, arguments);
	va_end(arguments);
	return -1;
}

static const char *blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Past a word and the blanks behind it, if it is there. */
static bool take(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0 || ((*text)[length] && !strchr(" \t", (*text)[length])))
		return false;
	*text = blanks(*text + length);
	return true;
}

static bool take_number(const char **text, double *number)
{
	char *end;

	/* strtod would take signs, "inf" and "0x1". */
	if (!isdigit((unsigned char)**text))
		return false;
	if ((*text)[0] == '0' && tolower((unsigned char)(*text)[1]) == 'x')
		return false;
	*number = strtod(*text, &end);
	*text = blanks(end);
	return isfinite(*number);
}

static void take_word(const char **text, char word[WORD])
{
	size_t length = strcspn(*text, " \t"), kept = length < WORD ? length : WORD - 1;

	memcpy(word, *text, kept);
	word[kept] = '\0';
	*text = blanks(*text + length);
}

static int take_range(const char *text, struct range *range, char error[CLAIM_EXPECT_ERROR])
{
	static const char wanted[] = "a range is wanted: '1.1-1.2x faster', 'at least 1.1x', 'at most 0.8x', "
	                             "'within 2 %', 'at most 4 MiB' or '10-13 %'";
	const char *start = text;

	*range = (struct range){.high = NAN};
	if (take(&text, "at")) {
		range->least = take(&text, "least");
		range->most = !range->least && take(&text, "most");
		if (!range->least && !range->most)
			return wrong(error, "%s, not '%s'", wanted, start);
	} else {
		take(&text, "same");
		range->within = take(&text, "within");
	}
	if (!take_number(&text, &range->low))
		return wrong(error, "%s, not '%s'", wanted, start);
	if (*text == '-' || !strncmp(text, "to ", 3)) {
		text = blanks(text + (*text == '-' ? 1 : 2));
		if (!take_number(&text, &range->high))
			return wrong(error, "a second number is missing in '%s'", start);
	}
	if (!take(&text, "faster") && !take(&text, "slower"))
		take_word(&text, range->unit);
	take_word(&text, range->sense);
	if (*text)
		return wrong(error, "'%s' is too much", text);
	if ((range->least || range->most || range->within) != isnan(range->high))
		return wrong(error,
		    isnan(range->high) ? "'%s' is one number, which nothing measured ever equals: say 'at least', "
		                         "'at most', or a range such as 1.1-1.2x"
		                       : "'%s' has two numbers, and 'at least', 'at most' and 'within' take one",
		    start);
	if (range->low > range->high)
		return wrong(error, "'%s' ends below where it begins", start);
	return 0;
}

static struct interval bounds(const struct range *range, double size)
{
	if (range->least)
		return (struct interval){range->low * size, INFINITY};
	if (range->most)
		return (struct interval){0, range->low * size};
	return (struct interval){range->low * size, range->high * size};
}

static int set_share(struct claim_part *part, const struct range *range, char error[CLAIM_EXPECT_ERROR])
{
	const struct share_description *share = &claim_shares[part->share];

	if (strcmp(range->unit, "%") != 0 || range->within || range->sense[0])
		return wrong(error, "%s is a share of %s: a percentage is wanted, such as '10-13 %%' or 'at most 5 %%'",
		    share->name, share->whole);
	part->kind = CLAIM_SHARE;
	part->expected = bounds(range, 0.01);
	if (part->expected.low > 1 || (isfinite(part->expected.high) && part->expected.high > 1))
		return wrong(error, "no share is more than 100 %%");
	return 0;
}

static int set_ratio(struct claim_part *part, const struct range *range, char error[CLAIM_EXPECT_ERROR])
{
	enum unit unit = measures[part->measure].unit;

	part->kind = CLAIM_EFFECT;
	part->expected = bounds(range, 1);
	part->sense = SENSE_RATIO;
	if (!range->sense[0])
		return 0;
	if (strcmp(range->sense, "faster") != 0 && strcmp(range->sense, "slower") != 0)
		return wrong(error, "'%s' is neither 'faster' nor 'slower'", range->sense);
	if (unit != UNIT_SECONDS && part->measure != MEASURE_METRIC)
		return wrong(error, "%s is no time: leave '%s' out, and the ratio is that of the two figures",
		    measures[part->measure].name, range->sense);
	part->sense = range->sense[0] == 'f' ? SENSE_FASTER : SENSE_SLOWER;
	return 0;
}

static int set_figure(struct claim_part *part, const struct range *range, char error[CLAIM_EXPECT_ERROR])
{
	const struct measure_description *measure = &measures[part->measure];

	for (size_t i = 0; i < sizeof(unit_names) / sizeof(unit_names[0]); i++) {
		if (unit_names[i].unit != measure->unit || strcmp(unit_names[i].name, range->unit) != 0)
			continue;
		if (range->within || range->sense[0])
			break;
		part->kind = CLAIM_FIGURE;
		part->expected = bounds(range, unit_names[i].size);
		return 0;
	}
	return wrong(error, "%s takes a ratio ('1.1-1.2x', 'at most 0.8x'), 'within 2 %%', or %s", measure->name,
	    measure->unit == UNIT_SECONDS ? "a time in s, ms, us or ns"
	    : measure->unit == UNIT_BYTES ? "a size in B, KiB, MiB or GiB"
	                                  : "a number");
}

static int set_measure(struct claim_part *part, const struct range *range, char error[CLAIM_EXPECT_ERROR])
{
	if (!strcmp(range->unit, "x") && !range->within)
		return set_ratio(part, range, error);
	if (range->within && !strcmp(range->unit, "%") && !range->sense[0]) {
		if (!(range->low > 0 && range->low < 100))
			return wrong(error, "'within' takes more than 0 %% and less than 100 %%");
		part->kind = CLAIM_SAME;
		part->expected = (struct interval){1 - range->low / 100, 1 + range->low / 100};
		return 0;
	}
	return set_figure(part, range, error);
}

static enum claim_share share_find(const char *name)
{
	enum claim_share share = 0;

	while (share < SHARE_COUNT && strcmp(claim_shares[share].name, name) != 0)
		share++;
	return share;
}

/* All names that a line may have here. */
static int wrong_name(const char *name, char error[CLAIM_EXPECT_ERROR])
{
	size_t length;

	wrong(error, "nothing is called '%s' here; there are", name);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		length = strlen(error);
		snprintf(error + length, CLAIM_EXPECT_ERROR - length, " %s", measures[measure].name);
	}
	for (enum claim_share share = 0; share < SHARE_COUNT; share++) {
		length = strlen(error);
		snprintf(error + length, CLAIM_EXPECT_ERROR - length, " %s", claim_shares[share].name);
	}
	return -1;
}

int claim_expect_parse(struct claim_part *part, const char *text, char error[CLAIM_EXPECT_ERROR])
{
	struct range range;
	char name[WORD];

	text = blanks(text);
	take_word(&text, name);
	if (!name[0])
		return wrong(error, "what is expected of it is missing, such as 'wall_s at least 1.1x faster'");
	part->share = share_find(name);
	part->measure = measure_find(name);
	if (part->share == SHARE_COUNT && part->measure == MEASURE_COUNT)
		return wrong_name(name, error);
	if (take_range(text, &range, error))
		return -1;
	if (part->share != SHARE_COUNT)
		return set_share(part, &range, error);
	return set_measure(part, &range, error);
}
