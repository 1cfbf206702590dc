// SPDX-License-Identifier: MIT
/* One line a run, in order of time; what was not measured is empty (docs/experiment-json.md). */
#include "output/experiment_output.h"

#include <math.h>

#include "output/csv_value.h"

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

		csv_value_string(experiment->arms[trial->arm].name, file);
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
