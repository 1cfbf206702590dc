// SPDX-License-Identifier: MIT
/* Totals, and what makes a change more than noise. diff_rows.c has the rows. See diff.h. */
#include "analysis/diff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/statistics.h"
#include "analysis/welch.h"

static bool all_equal(const double *values, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (values[i] != values[0])
			return false;
	return true;
}

static double mean(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / count;
}

struct diff_change diff_change_of(const double *values, size_t before, size_t after)
{
	struct diff_change change = {.interval = {NAN, NAN}, .p = NAN, .verdict = DIFF_UNKNOWN};
	struct welch result;

	change.before = mean(values, before);
	change.after = mean(values + before, after);
	change.change = change.after - change.before;
	if (isnan(change.change)) {
		change.verdict = DIFF_NOT_MEASURED;
	} else if (all_equal(values, before + after)) {
		change.verdict = DIFF_EQUAL;
		change.change = 0;
	} else {
		result = welch(values, before, values + before, after, DIFF_INTERVAL_LEVEL);
		change.interval = result.interval;
		change.p = result.p;
	}
	return change;
}

static void judge(struct diff_change *change)
{
	bool apart = change->interval.low > 0 || change->interval.high < 0;

	if (change->p < DIFF_LEVEL && apart)
		change->verdict = change->change < 0 ? DIFF_LESS : DIFF_MORE;
	else
		change->verdict = DIFF_NOISE;
}

int diff_judge(struct diff_change *first, size_t count, size_t stride)
{
	struct diff_change **tested = calloc(count + 1, sizeof(struct diff_change *));
	double *p = calloc(count + 1, sizeof(*p));
	size_t tests = 0;

	for (size_t i = 0; tested && p && i < count; i++) {
		struct diff_change *change = (struct diff_change *)((char *)first + i * stride);

		if (change->verdict != DIFF_UNKNOWN || isnan(change->p))
			continue;
		tested[tests] = change;
		p[tests++] = change->p;
	}
	if (tests)
		holm(p, tests);
	for (size_t i = 0; i < tests; i++) {
		tested[i]->p = p[i];
		judge(tested[i]);
	}
	free(tested);
	free(p);
	return tested && p ? 0 : -1;
}

static double known(uint64_t value)
{
	return value == UNKNOWN ? NAN : (double)value;
}

static double faults(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.faults);
}

static double major(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.major);
}

static double zeroed(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.zeroed_bytes);
}

static double fault_ns(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.fault_ns) / 1e9;
}

static double zero_ns(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.zero_ns) / 1e9;
}

static double purged(const struct snapshot *snapshot)
{
	return known(snapshot->totals.counts.causes[FAULT_CAUSE_PURGED]);
}

static double wall(const struct snapshot *snapshot)
{
	return known(snapshot->wall_ns) / 1e9;
}

static double processor(const struct snapshot *snapshot)
{
	return known(snapshot->totals.traced_ns) / 1e9;
}

static double peak(const struct snapshot *snapshot)
{
	return known(snapshot->totals.max_rss_bytes);
}

static const struct {
	const char *name, *title;
	enum unit unit;
	double (*of)(const struct snapshot *snapshot);
} figures[] = {
    {"faults", "faults", UNIT_COUNT, faults},
    {"major", "of these, major", UNIT_COUNT, major},
    {"purged", "of these, purged and touched again", UNIT_COUNT, purged},
    {"zeroed_bytes", "zeroed", UNIT_BYTES, zeroed},
    {"fault_s", "fault time", UNIT_SECONDS, fault_ns},
    {"zero_s", "zeroing time", UNIT_SECONDS, zero_ns},
    {"wall_s", "wall time, traced", UNIT_SECONDS, wall},
    {"processor_s", "processor time, traced", UNIT_SECONDS, processor},
    {"max_rss_bytes", "largest resident set", UNIT_BYTES, peak},
};

#define FIGURES (sizeof(figures) / sizeof(figures[0]))

static int fill_totals(struct diff *diff, const struct diff_input sides[2])
{
	size_t before = sides[0].count, after = sides[1].count;
	double *values = calloc(before + after, sizeof(*values));

	diff->totals = calloc(FIGURES, sizeof(*diff->totals));
	if (!values || !diff->totals) {
		free(values);
		return -1;
	}
	for (size_t i = 0; i < FIGURES; i++) {
		for (size_t run = 0; run < before + after; run++)
			values[run] = figures[i].of(run < before ? sides[0].runs[run] : sides[1].runs[run - before]);
		diff->totals[i] = (struct diff_total){
		    figures[i].name, figures[i].title, figures[i].unit, diff_change_of(values, before, after)};
	}
	diff->total_count = FIGURES;
	free(values);
	return diff_judge(&diff->totals[0].change, FIGURES, sizeof(diff->totals[0]));
}

static char *joined(char **texts, const char *separator)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (char **next = texts; next && *next; next++)
		fprintf(file, "%s%s", next == texts ? "" : separator, *next);
	fclose(file);
	return text;
}

static int describe(struct diff_side *side, const struct diff_input *input)
{
	side->runs = input->count;
	side->files = joined(input->files, ", ");
	side->command = joined(input->runs[0]->command, " ");
	return side->files && side->command ? 0 : -1;
}

/* Times always differ: what was counted is what can be the same. */
static bool is_same(const struct diff *diff)
{
	for (size_t i = 0; i < diff->total_count; i++)
		if (diff->totals[i].unit == UNIT_COUNT && diff->totals[i].change.verdict > DIFF_EQUAL)
			return false;
	for (enum diff_kind kind = 0; kind < DIFF_KINDS; kind++)
		for (size_t row = 0; row < diff->tables[kind].count; row++)
			for (enum stack_value value = 0; value < STACK_VALUE_TIME; value++)
				if (diff->tables[kind].rows[row].changes[value].verdict > DIFF_EQUAL)
					return false;
	return true;
}

struct diff *diff_make(const struct diff_input sides[2], enum stack_value value)
{
	struct diff *diff = diff_new();
	int failed;

	if (!diff)
		return NULL;
	diff->value = value;
	diff->noise_known = sides[0].count > 1 && sides[1].count > 1;
	failed =
	    describe(&diff->sides[0], &sides[0]) || describe(&diff->sides[1], &sides[1]) || fill_totals(diff, sides);
	for (enum diff_kind kind = 0; !failed && kind < DIFF_KINDS; kind++)
		failed = diff_fill_table(diff, kind, sides);
	if (!failed)
		diff->cautions = diff_find_cautions(sides);
	if (failed || !diff->cautions) {
		diff_free(diff);
		return NULL;
	}
	diff->same = is_same(diff);
	return diff;
}
