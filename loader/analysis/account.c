// SPDX-License-Identifier: MIT
/* From a snapshot to the figures that claims are about. See account.h. */
#include "analysis/account.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double known(uint64_t value)
{
	return value == UNKNOWN ? NAN : (double)value;
}

static double seconds(uint64_t nanoseconds)
{
	return known(nanoseconds) * 1e-9;
}

static bool is_malloc(const struct region_row *row)
{
	return row->region == REGION_ALLOCATOR ||
	       (row->region == REGION_LIBC &&
	           (!strcmp(row->detail, "heap") || !strcmp(row->detail, "arena") || !strcmp(row->detail, "mmap")));
}

static void add_row(struct account *account, const struct region_row *row)
{
	const struct counts *counts = &row->counts;

	account->regions[row->region] += known(counts->faults);
	if (!is_malloc(row))
		return;
	account->malloc_faults += known(counts->faults);
	account->first_touch += counts->causes[FAULT_CAUSE_FIRST_TOUCH];
	account->purged += counts->causes[FAULT_CAUSE_PURGED];
	account->unknown += counts->causes[FAULT_CAUSE_UNKNOWN];
	if (strcmp(row->detail, "metadata") != 0)
		return;
	account->metadata += known(counts->faults);
	account->metadata_first_touch += counts->causes[FAULT_CAUSE_FIRST_TOUCH];
	account->metadata_zeroed_bytes += known(counts->zeroed_bytes);
	account->metadata_fault_time += seconds(counts->fault_ns);
	account->metadata_zeroing += seconds(counts->zero_ns);
}

static void add_phases(struct account *account, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->phase_count; i++) {
		const struct phase_row *phase = &snapshot->phases[i];

		if (!strcmp(phase->name, PHASE_NAME_BEFORE_MAIN)) {
			account->before_main += known(phase->counts.faults);
			account->allocator_before_main += known(phase->regions[REGION_ALLOCATOR].faults);
		} else if (!strcmp(phase->name, PHASE_NAME_UNKNOWN) && phase->counts.faults) {
			account->before_main = account->allocator_before_main = NAN;
		}
	}
}

/* An allocator that says which memory is what has rows for that; of others it can't be told. */
static bool is_published(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		if (row->region == REGION_ALLOCATOR &&
		    (!strcmp(row->detail, "metadata") || !strncmp(row->detail, "class ", 6) ||
		        !strcmp(row->detail, "medium") || !strcmp(row->detail, "large")))
			return true;
	}
	return false;
}

struct account account_of(const struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;
	uint64_t own = snapshot->totals.own_ns;
	struct account account = {
	    .processor = seconds(snapshot->totals.traced_ns),
	    .wall = seconds(snapshot->wall_ns),
	    .zeroing = seconds(counts->zero_ns),
	    .zeroed_bytes = known(counts->zeroed_bytes),
	    .fault_time = seconds(counts->fault_ns),
	    .faults = known(counts->faults),
	};

	if (own != UNKNOWN && own < snapshot->totals.traced_ns && own < snapshot->wall_ns) {
		account.processor -= seconds(own);
		account.wall -= seconds(own);
	}
	for (size_t i = 0; i < snapshot->region_count; i++)
		add_row(&account, &snapshot->regions[i]);
	add_phases(&account, snapshot);
	if (!is_published(snapshot))
		account.metadata = NAN;
	return account;
}

struct account account_mean(const struct experiment *experiment, size_t arm)
{
	struct account mean = {0}, one;
	double *sums = (double *)&mean, *values = (double *)&one;
	size_t count = 0;

	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		if (trial->arm != arm || !trial->snapshot || trial_failed(trial))
			continue;
		one = account_of(trial->snapshot);
		count++;
		for (size_t figure = 0; figure < ACCOUNT_FIGURES; figure++)
			sums[figure] += values[figure];
	}
	for (size_t figure = 0; figure < ACCOUNT_FIGURES; figure++)
		sums[figure] = count ? sums[figure] / count : NAN;
	return mean;
}

double account_time(const struct account *account)
{
	return account->wall < account->processor ? account->wall : account->processor;
}

double account_share(const struct account *account, enum claim_share share)
{
	const double part[SHARE_COUNT] = {
	    [SHARE_ZEROING] = account->zeroing,
	    [SHARE_FAULT_TIME] = account->fault_time,
	    [SHARE_RECYCLABLE] = account->purged + account->unknown,
	    [SHARE_METADATA] = account->metadata,
	    [SHARE_MALLOC] = account->malloc_faults,
	    [SHARE_BEFORE_MAIN] = account->before_main,
	};
	double whole = share <= SHARE_FAULT_TIME ? account->processor : account->faults;

	return whole > 0 ? part[share] / whole : NAN;
}
