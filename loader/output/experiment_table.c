// SPDX-License-Identifier: MIT
/*
 * The report of an experiment to read: what was run and how, one line a figure and arm, the verdict in words, then
 * where the faults differ.
 */
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "output/experiment_output.h"
#include "output/experiment_text.h"

#define ARM_COLUMNS  16
#define MOST_REGIONS 8

static void write_labelled(const char *label, char *text, FILE *file)
{
	fprintf(file, "%-9s ", label);
	columns_wrapped(text ? text : "", 10, file);
	free(text);
}

static void write_arms(const struct experiment *experiment, FILE *file)
{
	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		char *text = experiment_arm_text(&experiment->arms[arm]),
		     *name = text_printable(experiment->arms[arm].name);

		/* The only place where a long name is written in full. */
		fprintf(file, "%-9s %s", arm ? "" : "arms", name ? name : "");
		if (name && text_columns(name) > ARM_COLUMNS)
			fprintf(file, "\n%*s", 11 + ARM_COLUMNS, "");
		else
			fprintf(file, "%*s", (int)(1 + ARM_COLUMNS - (name ? text_columns(name) : 0)), "");
		free(name);
		columns_wrapped(text ? text : "", 11 + ARM_COLUMNS, file);
		free(text);
	}
}

/* What decided that there were enough. */
static void write_goal(const struct experiment *experiment, FILE *file)
{
	char line[256];

	if (experiment->precision <= 0)
		return;
	snprintf(line, sizeof(line),
	    "until the interval is +-%g %% or narrower, or there are %u runs of each; it was looked at as often as "
	    "their number doubled, %u times at most, which the intervals and verdicts allow for",
	    experiment->precision * 100, experiment->wanted_blocks, experiment->looks);
	write_labelled("goal", strdup(line), file);
}

static void write_runs(const struct experiment *experiment, FILE *file)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "%s of each arm, one in each block, in random order; before them %s of each as warm-up, between them "
	    "%s of each traced; all in %.1f s; seed %llu",
	    experiment_trials(experiment, TRIAL_MEASURED).text, experiment_trials(experiment, TRIAL_WARM_UP).text,
	    experiment_trials(experiment, TRIAL_TRACED).text, experiment->seconds,
	    (unsigned long long)experiment->seed);
	write_labelled("runs", strdup(line), file);
}

static void write_metric(const struct experiment *experiment, FILE *file)
{
	char *line = NULL;

	if (!experiment->metric)
		return;
	if (asprintf(&line, "what %s matches; %s is better", experiment->metric,
	        experiment->metric_less_is_better ? "less" : "more") < 0)
		line = NULL;
	write_labelled("metric", line, file);
}

static void write_machine(const struct experiment *experiment, FILE *file)
{
	const char *release = experiment->machine.release ? experiment->machine.release : "unknown";
	double load = experiment->machine.load, others = experiment->machine.others;
	char line[256], busy[64] = "", before[64] = "";

	if (!isnan(others))
		snprintf(busy, sizeof(busy), "; others took %.1f %% of their time", others * 100);
	if (!isnan(load))
		snprintf(before, sizeof(before), "; load average %.2f when it began", load);
	snprintf(line, sizeof(line), "Linux %s, %u processors%s%s%s%s", release, experiment->machine.processors,
	    experiment->cpus ? ", pinned to " : "", experiment->cpus ? experiment->cpus : "", busy, before);
	write_labelled("machine", strdup(line), file);
}

static void write_notes(const struct experiment *experiment, FILE *file)
{
	char **warnings = experiment_warnings(experiment);

	if (experiment->not_counted)
		write_labelled("counters", strdup(experiment->not_counted), file);
	if (experiment->not_traced) {
		char *line = NULL;

		if (asprintf(&line, "none, so faults and zeroing by region are n/a: %s", experiment->not_traced) < 0)
			line = NULL;
		write_labelled("traces", line, file);
	}
	for (char **warning = warnings; warning && *warning; warning++)
		write_labelled("WARNING", *warning, file);
	free(warnings);
}

void experiment_table_head(const struct experiment *experiment, FILE *file)
{
	write_labelled("command", experiment_command_text(experiment->command), file);
	write_arms(experiment, file);
	write_runs(experiment, file);
	write_goal(experiment, file);
	write_metric(experiment, file);
	write_machine(experiment, file);
	write_notes(experiment, file);
}

static void write_row(const struct experiment *experiment, enum measure measure, size_t arm, FILE *file)
{
	const struct comparison *comparison = experiment_comparison(experiment, arm, measure);
	char interval[INTERVAL_TEXT];

	fprintf(file, "%-17s ", arm ? "" : measures[measure].title);
	columns_cell(experiment->arms[arm].name, ARM_COLUMNS, file);
	fprintf(file, " %11s", experiment_figure(measure, comparison->summary.median).text);
	if (arm)
		fprintf(file, " %7s  %-18s  %s",
		    experiment_ratio(isnan(comparison->ratio) ? comparison->median_ratio : comparison->ratio).text,
		    experiment_interval(comparison, interval), experiment_verdict(experiment, arm, measure));
	fputc('\n', file);
}

/* Figures that no run has, and those that are always 0, take one line together. */
static void write_list(const struct experiment *experiment, const char *what, bool measured, FILE *file)
{
	char line[512] = "";

	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		if (experiment_measured(experiment, measure) != measured || experiment_nonzero(experiment, measure) ||
		    (measure == MEASURE_METRIC && !experiment->metric))
			continue;
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s", line[0] ? ", " : "",
		    measures[measure].title);
	}
	if (!line[0])
		return;
	fprintf(file, "%-17s ", what);
	columns_wrapped(line, 18, file);
}

static void write_figures(const struct experiment *experiment, FILE *file)
{
	fprintf(file, "\n%-17s %-*s %11s %7s  %-18s  %s\n", "FIGURE", ARM_COLUMNS, "ARM", "MEDIAN", "RATIO",
	    "95 % INTERVAL", "VERDICT");
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		for (size_t arm = 0; arm < experiment->arm_count; arm++)
			if (experiment_nonzero(experiment, measure))
				write_row(experiment, measure, arm, file);
	write_list(experiment, "always 0", true, file);
	write_list(experiment, "n/a", false, file);
}

static void write_verdict(const struct experiment *experiment, FILE *file)
{
	fprintf(file, "\nVerdict, from %s:\n",
	    experiment->main == MEASURE_METRIC ? "the metric" : measures[experiment->main].title);
	for (size_t arm = 1; arm < experiment->arm_count; arm++) {
		char *sentence = experiment_sentence(experiment, arm, experiment->main);

		fputs("    ", file);
		columns_wrapped(sentence ? sentence : "", 4, file);
		free(sentence);
	}
}

static bool differs(const struct region_figures *first, const struct region_figures *arm)
{
	return arm->faults != first->faults || (!isnan(arm->zeroed_bytes) && arm->zeroed_bytes != first->zeroed_bytes);
}

static void write_region(const struct region_figures *first, const struct region_figures *arm, FILE *file)
{
	fprintf(file, "%-10s ", region_name(arm->region));
	columns_cell(arm->detail, 18, file);
	fprintf(file, " %11s", experiment_figure(MEASURE_FAULTS, first->faults).text);
	fprintf(file, " %11s", experiment_figure(MEASURE_FAULTS, arm->faults).text);
	fprintf(file, " %+11.0f", arm->faults - first->faults);
	fprintf(file, " %12s", experiment_figure(MEASURE_ZEROED, first->zeroed_bytes).text);
	fprintf(file, " %12s\n", experiment_figure(MEASURE_ZEROED, arm->zeroed_bytes).text);
}

static void write_region_head(const struct experiment *experiment, size_t arm, FILE *file)
{
	char *first = text_printable(experiment->arms[0].name), *name = text_printable(experiment->arms[arm].name);

	fprintf(file, "\nWhere traced runs of %s (2) differ from those of %s (1), medians:\n", name ? name : "",
	    first ? first : "");
	fprintf(file, "%-10s %-18s %11s %11s %11s %12s %12s\n", "REGION", "DETAIL", "FAULTS 1", "FAULTS 2", "MORE",
	    "ZEROED 1", "ZEROED 2");
	free(first);
	free(name);
}

/* The largest differences of one arm. Rows are in the order of all arms' differences. */
static void write_regions(const struct experiment *experiment, size_t arm, FILE *file)
{
	size_t shown = 0, left = 0;

	for (size_t row = 0; row < experiment->region_count; row++) {
		const struct region_figures *first = experiment_region(experiment, row, 0);
		const struct region_figures *figures = experiment_region(experiment, row, arm);

		if (!differs(first, figures))
			continue;
		if (shown == MOST_REGIONS) {
			left++;
			continue;
		}
		if (!shown++)
			write_region_head(experiment, arm, file);
		write_region(first, figures, file);
	}
	if (left)
		fprintf(file, "%zu more rows differ; JSON has them all\n", left);
}

int experiment_table(const struct experiment *experiment, FILE *file)
{
	experiment_table_head(experiment, file);
	write_figures(experiment, file);
	write_verdict(experiment, file);
	for (size_t arm = 1; arm < experiment->arm_count; arm++)
		write_regions(experiment, arm, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
