/* SPDX-License-Identifier: MIT */
/*
 * What a traced run says of the questions that claims are about: how much of its time zeroing took, and which of its
 * faults anybody could save, and how. Figures are doubles, NAN where they were not measured; times in seconds.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stddef.h>

#include "snapshot/claim.h"
#include "snapshot/experiment.h"
#include "snapshot/snapshot.h"

struct account {
	/* Without what tracing is estimated to add. */
	double processor; /* time of all traced tasks on a processor */
	double wall;
	double zeroing, zeroed_bytes;
	double fault_time;

	double faults; /* counts from here on */
	double before_main;
	double regions[REGION_COUNT]; /* of each region */
	/* malloc's memory: the region allocator; the C library's heap, arenas and mappings. */
	double malloc_faults;
	double first_touch; /* of these */
	double purged;      /* of these: the page had been given back, and is touched again */
	double unknown;     /* of these: nobody knows why */
	double allocator_before_main;

	/* The allocator's own metadata, where it publishes which of its memory that is. */
	double metadata, metadata_first_touch;
	double metadata_zeroed_bytes, metadata_fault_time, metadata_zeroing;
};

#define ACCOUNT_FIGURES (sizeof(struct account) / sizeof(double))

struct account account_of(const struct snapshot *snapshot);

/* The mean over an arm's traced runs; all NAN when there are none. */
struct account account_mean(const struct experiment *experiment, size_t arm);

/*
 * What a time saved is to be measured against, for a bound that holds: the run's wall time, where threads ran at once
 * and all that is saved may lie on the way; its processor time, where it waited, be it for others on a busy machine.
 */
double account_time(const struct account *account);

/* 0..1; NAN: not measured. */
double account_share(const struct account *account, enum claim_share share);

#endif
