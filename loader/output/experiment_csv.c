// SPDX-License-Identifier: MIT
/* One line a run, in order of time; what was not measured is empty (docs/experiment-json.md). */
#include <stdlib.h>
#include <string.h>

#include "output/experiment_output.h"
#include "output/text.h"

/* Quoted always: RFC 4180 doubles quotes within. */
static void write_string(const char *string, FILE *file)
{
	char *valid = text_valid_utf8(string);

	fputc('"', file);
	for (const char *at = valid ? valid : ""; *at; at++)
		fprintf(file, "%s%c", *at == '"' ? "\"" : "", *at);
	fputc('"', file);
	free(valid);
}

/* Fifteen digits: every count that a double holds exactly. */
static void write_number(double value, FILE *file)
{
	if (isnan(value))
		fputc(',', file);
	else
		fprintf(file, ",%.15g", value);
}

int experiment_csv(const struct experiment *experiment, FILE *file)
{
	fputs("arm,kind,block,start_s,exit_code,exit_signal,others,counted", file);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		fprintf(file, ",%s", measures[measure].name);
	fputc('\n', file);
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		write_string(experiment->arms[trial->arm].name, file);
		fprintf(file, ",%s,%u,%.6f,%d,%d", trial_kind_name(trial->kind), trial->block, trial->start,
		    trial->exit_code, trial->exit_signal);
		write_number(trial->others, file);
		write_number(trial->counted, file);
		for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
			write_number(trial->values[measure], file);
		fputc('\n', file);
	}
	return ferror(file) || fflush(file) ? -1 : 0;
}
