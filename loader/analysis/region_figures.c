// SPDX-License-Identifier: MIT
/* Rows are the union over all traced runs; a run without a row had none of it. See region_figures.h. */
#include "analysis/region_figures.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/statistics.h"

static bool is_of(const struct trial *trial)
{
	return trial->kind == TRIAL_TRACED && trial->snapshot && !trial_failed(trial);
}

static size_t row_of(const struct experiment *experiment, enum region region, const char *detail)
{
	size_t row = 0;

	while (row < experiment->region_count) {
		const struct region_figures *figures = experiment_region(experiment, row, 0);

		if (figures->region == region && !strcmp(figures->detail, detail))
			break;
		row++;
	}
	return row;
}

static int add_row(struct experiment *experiment, enum region region, const char *detail)
{
	size_t arms = experiment->arm_count, row = experiment->region_count;
	struct region_figures *grown =
	    reallocarray(experiment->regions, (row + 1) * arms, sizeof(*experiment->regions));

	if (!grown)
		return -1;
	experiment->regions = grown;
	for (size_t arm = 0; arm < arms; arm++)
		grown[row * arms + arm] = (struct region_figures){region, strdup(detail), NAN, NAN, NAN, NAN};
	experiment->region_count++;
	for (size_t arm = 0; arm < arms; arm++)
		if (!grown[row * arms + arm].detail)
			return -1;
	return 0;
}

static int find_rows(struct experiment *experiment)
{
	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		for (size_t r = 0; is_of(trial) && r < trial->snapshot->region_count; r++) {
			const struct region_row *row = &trial->snapshot->regions[r];

			if (row_of(experiment, row->region, row->detail) == experiment->region_count &&
			    add_row(experiment, row->region, row->detail))
				return -1;
		}
	}
	return 0;
}

static const struct counts *counts_of(const struct snapshot *snapshot, const struct region_figures *figures)
{
	static const struct counts none;

	for (size_t i = 0; i < snapshot->region_count; i++)
		if (snapshot->regions[i].region == figures->region &&
		    !strcmp(snapshot->regions[i].detail, figures->detail))
			return &snapshot->regions[i].counts;
	return &none;
}

static double known(uint64_t value, double scale)
{
	return value == UNKNOWN ? NAN : value * scale;
}

/* One unknown makes the median unknown. */
static double median_of(double *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (isnan(values[i]))
			return NAN;
	return statistics_median(values, count);
}

static void fill_figures(
    const struct experiment *experiment, size_t arm, struct region_figures *figures, double *values)
{
	size_t room = experiment->trial_count, count = 0;

	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];
		const struct counts *counts;

		if (trial->arm != arm || !is_of(trial))
			continue;
		counts = counts_of(trial->snapshot, figures);
		values[count] = known(counts->faults, 1);
		values[room + count] = known(counts->zeroed_bytes, 1);
		values[2 * room + count] = known(counts->fault_ns, 1e-9);
		values[3 * room + count] = known(counts->zero_ns, 1e-9);
		count++;
	}
	figures->faults = median_of(values, count);
	figures->zeroed_bytes = median_of(values + room, count);
	figures->fault_seconds = median_of(values + 2 * room, count);
	figures->zero_seconds = median_of(values + 3 * room, count);
}

/* How far apart arms are in a row: in faults, and in pages of zeroed memory. */
static double spread(const struct region_figures *row, size_t arms)
{
	double widest = 0;

	for (size_t arm = 1; arm < arms; arm++) {
		widest = fmax(widest, fabs(row[arm].faults - row[0].faults));
		widest = fmax(widest, fabs(row[arm].zeroed_bytes - row[0].zeroed_bytes) / 4096);
	}
	return widest;
}

/* There are tens of rows at most, each as long as there are arms, so they are put into order in place. */
static int sort_rows(struct experiment *experiment)
{
	size_t arms = experiment->arm_count, size = arms * sizeof(*experiment->regions);
	struct region_figures *held = malloc(size + 1);

	if (!held)
		return -1;
	for (size_t i = 1; i < experiment->region_count; i++) {
		size_t place = i;

		memcpy(held, experiment->regions + i * arms, size);
		while (place && spread(experiment->regions + (place - 1) * arms, arms) < spread(held, arms))
			place--;
		memmove(
		    experiment->regions + (place + 1) * arms, experiment->regions + place * arms, (i - place) * size);
		memcpy(experiment->regions + place * arms, held, size);
	}
	free(held);
	return 0;
}

int region_figures_fill(struct experiment *experiment)
{
	double *values = calloc(4 * experiment->trial_count + 1, sizeof(*values));
	int failed;

	for (size_t i = 0; i < experiment->region_count * experiment->arm_count; i++)
		free(experiment->regions[i].detail);
	free(experiment->regions);
	experiment->regions = NULL;
	experiment->region_count = 0;
	failed = !values || find_rows(experiment);
	for (size_t row = 0; !failed && row < experiment->region_count; row++)
		for (size_t arm = 0; arm < experiment->arm_count; arm++)
			fill_figures(experiment, arm, &experiment->regions[row * experiment->arm_count + arm], values);
	free(values);
	return failed || sort_rows(experiment) ? -1 : 0;
}
