/* SPDX-License-Identifier: MIT */
/*
 * A run's rows in strata of time. What is timed at one time is a fair sample of what goes on then, but not of the whole
 * run: its beginning is timed throughout, and the rarer the faster faults come. So each stratum is estimated by itself,
 * and the estimates are added. Rows are those of the BPF maps. Not thread-safe.
 */
#ifndef STRATA_H
#define STRATA_H

#include "snapshot/snapshot.h"

struct account;
struct account_key;
struct process_account;
struct strata;
struct tracer;

struct strata *strata_new(void); /* NULL: out of memory */
void strata_free(struct strata *strata);

/* A row of the maps, as it stands. processors: as many accounts there are of it. */
struct sample strata_account(const struct account *of_processor, int processors, bool sees_populated);
struct sample strata_process(const struct process_account *account, bool sees_populated);

/*
 * The row's stratum ends, and another one begins: `whole` is what was counted of it since the start. Rows that nothing
 * was heard of have none yet. 0, or -1 when out of memory: then its stratum goes on.
 */
int strata_end_account(struct strata *strata, const struct account_key *key, const struct sample *whole);
int strata_end_process(struct strata *strata, uint32_t id, const struct sample *whole);

/* What all strata say of the row, that under way included, into *covered, which is all zero. strata NULL: there is but
 * one. */
void strata_cover_account(
    const struct strata *strata, const struct account_key *key, const struct sample *whole, struct covered *covered);
void strata_cover_process(
    const struct strata *strata, uint32_t id, const struct sample *whole, struct covered *covered);

/*
 * A stratum of all rows ends now, which takes some system calls. 0, or -1 with errno: then some rows' go on, or all
 * where these calls might cost others their counts (undisturbed.h).
 */
int strata_end(struct tracer *tracer);

#endif
