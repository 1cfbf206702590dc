// SPDX-License-Identifier: MIT
/* See spark.h. */
#include "live/spark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 8 /* the lowest of them is for nothing */

static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const letters[LEVELS] = {"_", ".", ":", "-", "=", "+", "*", "#"};

static const char *character(double value, double most, const char *const *levels)
{
	size_t level;

	if (isnan(value))
		return "?";
	if (value <= 0 || most <= 0)
		return levels[0];
	/* The least that happened looks other than nothing. */
	level = 1 + (size_t)(value / most * (LEVELS - 1));
	return levels[level < LEVELS ? level : LEVELS - 1];
}

char *spark(const double *values, size_t count, size_t columns, bool ascii)
{
	char *text = malloc(columns * strlen(blocks[0]) + 1), *to = text;
	double most = 0;

	if (!text)
		return NULL;
	if (count > columns) {
		values += count - columns;
		count = columns;
	}
	for (size_t i = 0; i < count; i++)
		if (values[i] > most)
			most = values[i];
	memset(to, ' ', columns - count);
	to += columns - count;
	for (size_t i = 0; i < count; i++)
		to = stpcpy(to, character(values[i], most, ascii ? letters : blocks));
	*to = '\0';
	return text;
}
