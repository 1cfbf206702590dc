// SPDX-License-Identifier: MIT
/* Figures as sentences have them. See said.h. */
#include "analysis/said.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct scale {
	double size;
	const char *name;
};

static struct said scaled(double value, const struct scale *scale)
{
	struct said said;

	while (scale[1].name && value >= scale[1].size * 0.9995)
		scale++;
	snprintf(said.text, sizeof(said.text), "%.3g %s", value / scale->size, scale->name);
	return said;
}

static struct said grouped(double value)
{
	struct said said;
	char digits[SAID_SIZE / 2];
	size_t length = snprintf(digits, sizeof(digits), "%.0f", value), to = 0;

	for (size_t from = 0; from < length; from++) {
		if (from && (length - from) % 3 == 0)
			said.text[to++] = ',';
		said.text[to++] = digits[from];
	}
	said.text[to] = '\0';
	return said;
}

struct said said_figure(enum unit unit, double value)
{
	static const struct scale times[] = {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}, {0, NULL}};
	static const struct scale bytes[] = {{1, "B"}, {0x1p10, "KiB"}, {0x1p20, "MiB"}, {0x1p30, "GiB"}, {0, NULL}};
	struct said said;

	if (isnan(value))
		return (struct said){"n/a"};
	if (isinf(value))
		return (struct said){"unlimited"};
	if (value == 0)
		return (struct said){"0"};
	if (unit == UNIT_SECONDS)
		return scaled(value, times);
	if (unit == UNIT_BYTES)
		return scaled(value, bytes);
	if (unit == UNIT_COUNT && value >= 9.995 && value < 1e15)
		return grouped(value);
	snprintf(said.text, sizeof(said.text), "%.4g", value);
	return said;
}

struct said said_ratio(double ratio)
{
	struct said said;

	if (isnan(ratio))
		return (struct said){"n/a"};
	if (isinf(ratio))
		return (struct said){"any number"};
	snprintf(said.text, sizeof(said.text), ratio >= 0.1 && ratio < 1000 ? "%.3f" : "%.3g", ratio);
	return said;
}

struct said said_percent(double share)
{
	struct said said;

	if (isnan(share))
		return (struct said){"n/a"};
	snprintf(said.text, sizeof(said.text), "%.3g %%", 100 * share);
	return said;
}

/* Ends that are open are said so. */
static struct said between(const struct interval *interval, struct said low, struct said high, const char *unit)
{
	struct said said;

	if (isnan(interval->low) || isnan(interval->high))
		return (struct said){"n/a"};
	if (interval->low <= 0 && isinf(interval->high))
		return (struct said){"no bounds"};
	if (!strcmp(low.text, high.text))
		snprintf(said.text, sizeof(said.text), "%.16s%s", low.text, unit);
	else if (interval->low <= 0)
		snprintf(said.text, sizeof(said.text), "at most %.16s%s", high.text, unit);
	else if (isinf(interval->high))
		snprintf(said.text, sizeof(said.text), "at least %.16s%s", low.text, unit);
	else
		snprintf(said.text, sizeof(said.text), "%.16s to %.16s%s", low.text, high.text, unit);
	return said;
}

struct said said_ratios(const struct interval *interval)
{
	return between(interval, said_ratio(interval->low), said_ratio(interval->high), "");
}

struct said said_percents(const struct interval *interval)
{
	struct said low = said_percent(interval->low), high = said_percent(interval->high);

	/* "10 to 13 %": one sign is enough. */
	if (interval->low >= 0)
		low.text[strcspn(low.text, " ")] = '\0';
	if (!isnan(interval->high))
		high.text[strcspn(high.text, " ")] = '\0';
	return between(interval, low, high, " %");
}

struct said said_figures(enum unit unit, const struct interval *interval)
{
	return between(interval, said_figure(unit, interval->low), said_figure(unit, interval->high), "");
}
