// SPDX-License-Identifier: MIT
#include "recording/run_counts.h"

#include <stdio.h>
#include <string.h>

const char *const run_kinds[RUN_KINDS] = {"region", "phase", "process"};

const char *const run_columns[RUN_COLUMNS] = {
    "faults",
    "major",
    "populated",
    "zeroed_bytes",
    "zeroed_twice_bytes",
    "zero_events",
    "failed",
    "timeable",
    "timed",
    "timed_ns",
    "covered_faults",
    "covered_ns",
    "covered_variance",
    "covered_zeroed_bytes",
    "covered_zero_ns",
    "waste_zeroed_bytes",
    "waste_sampled",
    "waste_checked",
    "waste_sampled_weight",
    "waste_checked_weight",
    "waste_checked_squares",
    "waste_unused_weight",
};

uint64_t *run_column(struct counts *counts, int column)
{
	uint64_t *const columns[RUN_COLUMNS] = {
	    &counts->faults,
	    &counts->major,
	    &counts->populated,
	    &counts->zeroed_bytes,
	    &counts->zeroed_twice_bytes,
	    &counts->zero_events,
	    &counts->failed,
	    &counts->timeable,
	    &counts->timed,
	    &counts->timed_ns,
	    &counts->covered.faults,
	    &counts->covered.ns,
	    &counts->covered.variance,
	    &counts->covered.zeroed_bytes,
	    &counts->covered.zero_ns,
	    &counts->waste.zeroed_bytes,
	    &counts->waste.sampled,
	    &counts->waste.checked,
	    &counts->waste.sampled_weight,
	    &counts->waste.checked_weight,
	    &counts->waste.checked_squares,
	    &counts->waste.unused_weight,
	};

	return columns[column];
}

const char *run_columns_text(const char *before, const char *between, const char *after, char text[RUN_COLUMNS_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < RUN_COLUMNS && used < RUN_COLUMNS_TEXT; i++)
		used += snprintf(
		    text + used, RUN_COLUMNS_TEXT - used, "%s%s%s%s", i ? between : "", before, run_columns[i], after);
	return text;
}

const char *run_columns_sums(char text[RUN_COLUMNS_TEXT])
{
	size_t used = 0;

	for (int i = 0; i < RUN_COLUMNS && used < RUN_COLUMNS_TEXT; i++)
		used += snprintf(text + used, RUN_COLUMNS_TEXT - used,
		    "%sCASE WHEN count(c.%s) = count(*) THEN sum(c.%s) END", i ? ", " : "", run_columns[i],
		    run_columns[i]);
	return text;
}
