// SPDX-License-Identifier: MIT
/*
 * Cells are effects at 95 % each. What is said of the levers is the experiment's own verdicts, which are corrected for
 * the number of rows: of nine intervals one may well leave out 1 by chance.
 */
#include "analysis/matrix.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claim.h"
#include "analysis/effect.h"
#include "analysis/said.h"
#include "analysis/statistics.h"

static int fill_cell(
    struct matrix_cell *cell, const struct experiment *experiment, size_t arm, enum matrix_column column)
{
	struct effect effect;

	if (column != MATRIX_SPEEDUP) {
		if (effect_figure(experiment, arm, matrix_measure(column), INTERVAL_LEVEL, &effect))
			return -1;
	} else if (arm) {
		if (effect_ratio(experiment, arm, experiment->main, INTERVAL_LEVEL, &effect))
			return -1;
		effect = claim_turn(&effect, experiment, experiment->main, SENSE_FASTER);
	} else {
		effect = (struct effect){.middle = 1, .interval = {1, 1}};
	}
	*cell = (struct matrix_cell){effect.middle, effect.interval};
	return 0;
}

/* The rows of one lever alone, or of both together. */
struct lever {
	const char *title;
	bool huge_pages, prefault;
};

static const struct lever levers[] = {
    {"THP alone", true, false},
    {"prefault alone", false, true},
    {"both together", true, true},
};

static bool belongs(const struct lever *lever, size_t row)
{
	return lever->huge_pages == (row / MATRIX_PREFAULTS > 0) && lever->prefault == (row % MATRIX_PREFAULTS > 0);
}

static bool is_detected(const struct comparison *comparison)
{
	return comparison->verdict == VERDICT_LESS || comparison->verdict == VERDICT_MORE;
}

/* "on/off faster (0.912)", behind what the list has. */
static int add_row(char **list, const struct experiment *experiment, size_t row, enum measure measure)
{
	const struct comparison *comparison = experiment_comparison(experiment, row, measure);
	const struct measure_description description = experiment_measure(experiment, measure);
	double ratio = isnan(comparison->ratio) ? comparison->median_ratio : comparison->ratio;
	char *longer;

	if (asprintf(&longer, "%s%s%s %s (%s)", *list ? *list : "", *list ? ", " : "", experiment->arms[row].name,
	        comparison->verdict == VERDICT_LESS ? description.less : description.more, said_ratio(ratio).text) < 0)
		return -1;
	free(*list);
	*list = longer;
	return 0;
}

static int say_lever(
    char **words, const struct experiment *experiment, const struct lever *lever, enum measure measure, bool last)
{
	char *list = NULL;
	bool few = true;
	int failed = 0;

	for (size_t row = 1; !failed && row < MATRIX_ROWS; row++) {
		const struct comparison *comparison = experiment_comparison(experiment, row, measure);

		if (!belongs(lever, row))
			continue;
		few &= comparison->verdict == VERDICT_TOO_FEW;
		if (is_detected(comparison))
			failed = add_row(&list, experiment, row, measure);
	}
	if (!failed)
		failed = claim_say(words, "%s: %s%s", lever->title,
		    list  ? list
		    : few ? "too few runs to tell"
		          : "no detectable difference",
		    last ? "." : ";");
	free(list);
	return failed;
}

static bool is_compared(const struct experiment *experiment, enum measure measure)
{
	for (size_t row = 1; row < MATRIX_ROWS; row++)
		if (experiment_comparison(experiment, row, measure)->verdict != VERDICT_NONE)
			return true;
	return false;
}

static int say_measure(char **words, const struct experiment *experiment, enum measure measure)
{
	size_t count = sizeof(levers) / sizeof(levers[0]);

	if (!is_compared(experiment, measure))
		return claim_say(words, "In %s nothing can be said: %s.", measures[measure].title,
		    measure >= MEASURE_CYCLES && experiment->not_counted ? experiment->not_counted : "not measured");
	if (claim_say(words, "In %s, as ratios to %s:", measures[measure].title, experiment->arms[0].name))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (say_lever(words, experiment, &levers[i], measure, i + 1 == count))
			return -1;
	return 0;
}

/* Before which no verdict can come, whatever is measured. */
static size_t fewest_runs(void)
{
	size_t runs = 1;

	while (signed_rank_least_p(runs) * (MATRIX_ROWS - 1) > VERDICT_LEVEL)
		runs++;
	return runs;
}

/* First the answer: which lever made a difference in the main figure. */
static int say_answer(char **words, const struct experiment *experiment)
{
	const char *title = measures[experiment->main].title;
	size_t detected[2] = {0}, count = 0, few = 0;

	for (size_t row = 1; row < MATRIX_ROWS; row++) {
		const struct comparison *comparison = experiment_comparison(experiment, row, experiment->main);

		few += comparison->verdict == VERDICT_TOO_FEW;
		if (!is_detected(comparison))
			continue;
		count++;
		detected[0] += belongs(&levers[0], row);
		detected[1] += belongs(&levers[1], row);
	}
	if (few)
		return claim_say(words,
		    "There are too few runs to tell whether a lever makes a difference in %s: with %d "
		    "rows to correct for, %zu of each are the least.",
		    title, MATRIX_ROWS - 1, fewest_runs());
	if (!count)
		return claim_say(words, "No lever made a detectable difference in %s, corrected for %d rows.", title,
		    MATRIX_ROWS - 1);
	return claim_say(words, "%s made a detectable difference in %s, corrected for %d rows.",
	    detected[0] && detected[1] ? "Each lever by itself"
	    : detected[0]              ? "THP, and not prefault by itself,"
	    : detected[1]              ? "Prefault, and not THP by itself,"
	                               : "Neither lever by itself, but both together",
	    title, MATRIX_ROWS - 1);
}

int matrix_fill(struct matrix *matrix, const struct experiment *experiment)
{
	const enum measure told[] = {experiment->main, MEASURE_TLB_MISSES, MEASURE_MINOR};

	*matrix = (struct matrix){.words = NULL};
	for (size_t row = 0; row < MATRIX_ROWS; row++)
		for (enum matrix_column column = 0; column < MATRIX_COLUMNS; column++)
			if (fill_cell(&matrix->cells[row][column], experiment, row, column))
				return -1;
	if (say_answer(&matrix->words, experiment))
		return -1;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (say_measure(&matrix->words, experiment, told[i]))
			return -1;
	return 0;
}
