// SPDX-License-Identifier: MIT
/* Reads claim files. See claim_file.h. */
#include "command/claim_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/claim_expect.h"

#define MOST_BYTES 1048576
#define MOST_WORDS 256
#define MOST_RUNS  10000

struct reader {
	const char *name;
	unsigned int line;
	struct claim *claim;
	char *preload; /* of arms that name none */
	char *baseline;
	unsigned int baseline_line;
	bool needs_metric;
	char *error;
};

static int __attribute__((format(printf, 2, 3))) wrong(struct reader *reader, const char *format, ...)
{
	va_list arguments;
	int length = snprintf(reader->error, CLAIM_FILE_ERROR, "%s:%u: ", reader->name, reader->line);

	va_start(arguments, format);
	if (length < CLAIM_FILE_ERROR)
		vsnprintf(reader->error + length, CLAIM_FILE_ERROR - length, format, arguments);
	va_end(arguments);
	return -1;
}

static int no_memory(struct reader *reader)
{
	return wrong(reader, "out of memory");
}

static int set(struct reader *reader, char **into, const char *keyword, const char *value)
{
	if (!*value)
		return wrong(reader, "'%s' needs a value", keyword);
	if (*into)
		return wrong(reader, "'%s' is there already", keyword);
	*into = strdup(value);
	return *into ? 0 : no_memory(reader);
}

/* Several lines of it are one text. */
static int add_text(struct reader *reader, const char *value)
{
	struct claim *claim = reader->claim;
	char *joined;

	if (!*value)
		return wrong(reader, "'claim' needs words");
	if (asprintf(&joined, "%s%s%s", claim->text ? claim->text : "", claim->text ? " " : "", value) < 0)
		return no_memory(reader);
	free(claim->text);
	claim->text = joined;
	return 0;
}

static int set_number(struct reader *reader, uint32_t *into, const char *keyword, const char *value)
{
	unsigned long number;
	char *end;

	if (*into != UINT32_MAX)
		return wrong(reader, "'%s' is there already", keyword);
	errno = 0;
	number = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || number > MOST_RUNS)
		return wrong(reader, "'%s' takes a whole number up to %d, not '%s'", keyword, MOST_RUNS, value);
	*into = number;
	return 0;
}

/* Words between blanks; in quotes of either kind they may have some. Changes the text. -1 when something is wrong. */
static int split(struct reader *reader, char *text, char *words[MOST_WORDS + 1])
{
	int count = 0;

	for (char *at = text + strspn(text, " \t"); *at; at += strspn(at, " \t")) {
		char *to = at, quote = '\0';

		if (count == MOST_WORDS)
			return wrong(reader, "there are more than %d words", MOST_WORDS);
		words[count++] = at;
		for (; *at && (quote || !strchr(" \t", *at)); at++) {
			if (quote ? *at == quote : *at == '\'' || *at == '"')
				quote = quote ? '\0' : *at;
			else
				*to++ = *at;
		}
		if (quote)
			return wrong(reader, "a quote is not closed");
		at += *at != '\0';
		*to = '\0';
	}
	words[count] = NULL;
	return count;
}

static int set_command(struct reader *reader, char *value)
{
	char *words[MOST_WORDS + 1];
	struct arm whole = {.name = (char *)"", .command = words}, copy;
	int count = split(reader, value, words);

	if (count < 0)
		return -1;
	if (!count)
		return wrong(reader, "'command' needs the command's words");
	if (reader->claim->command)
		return wrong(reader, "'command' is there already");
	if (arm_copy(&copy, &whole)) {
		arm_free(&copy);
		return no_memory(reader);
	}
	free(copy.name);
	reader->claim->command = copy.command;
	return 0;
}

static size_t arm_find(const struct claim *claim, const char *name)
{
	size_t arm = 0;

	while (arm < claim->arm_count && strcmp(claim->arms[arm].name, name) != 0)
		arm++;
	return arm;
}

/* NAME [VARIABLE=VALUE]... [preload=LIB] */
static int add_arm(struct reader *reader, char *value)
{
	char *words[MOST_WORDS + 1], *environment[MOST_WORDS + 1];
	struct arm arm = {.environment = environment};
	int count = split(reader, value, words), variables = 0;

	if (count < 0)
		return -1;
	if (!count)
		return wrong(reader, "'arm' needs a name, and may have variables: arm lazy HAKMEM_ZERO=lazy");
	arm.name = words[0];
	if (strchr(arm.name, '='))
		return wrong(reader, "an arm has a name first: arm lazy %s", arm.name);
	if (arm_find(reader->claim, arm.name) < reader->claim->arm_count)
		return wrong(reader, "the arm '%s' is there already", arm.name);
	for (int i = 1; i < count; i++) {
		if (!strchr(words[i], '=') || words[i][0] == '=')
			return wrong(reader, "'%s' is no VARIABLE=VALUE", words[i]);
		if (!strncmp(words[i], "preload=", 8))
			arm.preload = words[i] + 8;
		else
			environment[variables++] = words[i];
	}
	environment[variables] = NULL;
	return claim_add_arm(reader->claim, &arm) ? no_memory(reader) : 0;
}

/* What a reader sees where no words are given. */
static int describe(
    struct reader *reader, struct claim_part *part, const char *arm, const char *expected, const char *words)
{
	if (*words)
		part->text = strdup(words);
	else if (asprintf(&part->text, "%s: %s", arm, expected) < 0)
		part->text = NULL;
	return part->text ? 0 : no_memory(reader);
}

/* ARM WHAT RANGE[: WORDS] */
static int add_expectation(struct reader *reader, char *value)
{
	char error[CLAIM_EXPECT_ERROR], *words = strchr(value, ':'), *name = value;
	struct claim_part *part;

	value += strcspn(value, " \t");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");
	if (words && words >= value) {
		*words++ = '\0';
		words += strspn(words, " \t");
		for (size_t length = strlen(value); length && strchr(" \t", value[length - 1]); length--)
			value[length - 1] = '\0';
	} else {
		words = (char *)"";
	}
	part = claim_add_part(reader->claim);
	if (!part)
		return no_memory(reader);
	part->arm = arm_find(reader->claim, name);
	if (!*name || part->arm == reader->claim->arm_count)
		return wrong(
		    reader, "'expect' begins with the name of an arm from a line above, which '%s' is not", name);
	if (claim_expect_parse(part, value, error))
		return wrong(reader, "%s", error);
	reader->needs_metric |= part->kind != CLAIM_SHARE && part->measure == MEASURE_METRIC;
	return describe(reader, part, name, value, words);
}

static int take_line(struct reader *reader, const char *keyword, char *value)
{
	struct claim *claim = reader->claim;

	if (!strcmp(keyword, "claim"))
		return add_text(reader, value);
	if (!strcmp(keyword, "arm"))
		return add_arm(reader, value);
	if (!strcmp(keyword, "expect"))
		return add_expectation(reader, value);
	if (!strcmp(keyword, "command"))
		return set_command(reader, value);
	if (!strcmp(keyword, "runs"))
		return set_number(reader, &claim->runs, keyword, value);
	if (!strcmp(keyword, "traced"))
		return set_number(reader, &claim->traced, keyword, value);
	if (!strcmp(keyword, "preload"))
		return set(reader, &reader->preload, keyword, value);
	if (!strcmp(keyword, "baseline")) {
		reader->baseline_line = reader->line;
		return set(reader, &reader->baseline, keyword, value);
	}
	if (!strcmp(keyword, "metric") || !strcmp(keyword, "metric-less")) {
		claim->metric_less_is_better = keyword[strlen("metric")] != '\0';
		return set(reader, &claim->metric, keyword, value);
	}
	return wrong(reader,
	    "there is no '%s'; a line begins with claim, arm, baseline, preload, metric, metric-less, "
	    "runs, traced, command, expect or #",
	    keyword);
}

static int take_lines(struct reader *reader, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		size_t length = strlen(line);
		char *keyword, *value;

		reader->line++;
		while (length && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		keyword = line + strspn(line, " \t");
		if (!*keyword || *keyword == '#')
			continue;
		value = keyword + strcspn(keyword, " \t");
		if (*value)
			*value++ = '\0';
		value += strspn(value, " \t");
		if (take_line(reader, keyword, value))
			return -1;
	}
	return 0;
}

/* The baseline is the first arm; the others keep their order. */
static int move_baseline(struct reader *reader)
{
	struct claim *claim = reader->claim;
	size_t place = reader->baseline ? arm_find(claim, reader->baseline) : 0;
	struct arm first;

	if (place == claim->arm_count) {
		reader->line = reader->baseline_line;
		return wrong(reader, "no arm is called '%s'", reader->baseline);
	}
	first = claim->arms[place];
	memmove(claim->arms + 1, claim->arms, place * sizeof(first));
	claim->arms[0] = first;
	for (size_t i = 0; i < claim->part_count; i++) {
		struct claim_part *part = &claim->parts[i];

		part->arm = part->arm == place ? 0 : part->arm < place ? part->arm + 1 : part->arm;
	}
	return 0;
}

static int set_preloads(struct reader *reader)
{
	for (size_t i = 0; reader->preload && i < reader->claim->arm_count; i++) {
		struct arm *arm = &reader->claim->arms[i];

		if (!arm->preload && !(arm->preload = strdup(reader->preload)))
			return no_memory(reader);
		/* preload= with nothing behind it: this arm has none. */
	}
	for (size_t i = 0; i < reader->claim->arm_count; i++) {
		struct arm *arm = &reader->claim->arms[i];

		if (arm->preload && !*arm->preload) {
			free(arm->preload);
			arm->preload = NULL;
		}
	}
	return 0;
}

/* What only the whole file tells. Lines are not to blame, so the last one is named. */
static int check_whole(struct reader *reader)
{
	struct claim *claim = reader->claim;

	if (!claim->text)
		return wrong(reader, "a line 'claim' is missing that says in words what is claimed");
	if (!claim->arm_count)
		return wrong(reader, "there is no arm; two lines such as 'arm lazy HAKMEM_ZERO=lazy' are wanted");
	if (!claim->part_count)
		return wrong(
		    reader, "nothing is expected; a line such as 'expect lazy wall_s at least 1.1x faster' is wanted");
	if (reader->needs_metric && !claim->metric)
		return wrong(
		    reader, "something is expected of the metric, and no line 'metric REGEX' says what that is");
	if (move_baseline(reader))
		return -1;
	for (size_t i = 0; i < claim->part_count; i++)
		if (!claim->parts[i].arm &&
		    (claim->parts[i].kind == CLAIM_EFFECT || claim->parts[i].kind == CLAIM_SAME))
			return wrong(reader,
			    "'%s' compares the baseline with itself: '%s' is the one that others are "
			    "compared with",
			    claim->parts[i].text, claim->arms[0].name);
	return set_preloads(reader);
}

struct claim *claim_file_parse(const char *name, const char *text, char error[CLAIM_FILE_ERROR])
{
	struct reader reader = {.name = name, .claim = claim_new(), .error = error};
	char *copy = strdup(text);
	int failed = !reader.claim || !copy || !(reader.claim->name = strdup(name)) ? no_memory(&reader) : 0;

	failed = failed || take_lines(&reader, copy) || check_whole(&reader);
	free(copy);
	free(reader.preload);
	free(reader.baseline);
	if (!failed)
		return reader.claim;
	claim_free(reader.claim);
	return NULL;
}

struct claim *claim_file_read(const char *path, char error[CLAIM_FILE_ERROR])
{
	struct claim *claim = NULL;
	FILE *file = fopen(path, "re");
	char *text = calloc(1, MOST_BYTES + 2);
	size_t length = 0;

	if (!file || !text)
		snprintf(error, CLAIM_FILE_ERROR, "can't read %s: %s", path, strerror(errno));
	else if ((length = fread(text, 1, MOST_BYTES + 1, file)) > MOST_BYTES || strlen(text) != length)
		snprintf(error, CLAIM_FILE_ERROR, "%s is no claim file: it is binary, or longer than 1 MiB", path);
	else if (ferror(file))
		snprintf(error, CLAIM_FILE_ERROR, "can't read %s: %s", path, strerror(errno));
	else
		claim = claim_file_parse(path, text, error);
	if (file)
		fclose(file);
	free(text);
	return claim;
}
