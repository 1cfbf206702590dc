// SPDX-License-Identifier: MIT
/* Rows by their keys, each with what it had when its stratum began. See strata.h. */
#include "trace/strata.h"

#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "machine/undisturbed.h"
#include "snapshot/lookup.h"
#include "snapshot/room.h"
#include "trace/figures.h"
#include "trace/tracer.h"

#define KEY_MOST 16

struct row {
	unsigned char key[KEY_MOST];
	struct sample before;   /* counted when its stratum began */
	struct covered covered; /* by the strata before */
};

struct rows {
	size_t key_size;
	struct lookup keys;
	struct row *rows;
	size_t count, room;
};

struct strata {
	struct rows accounts;
	struct rows processes;
};

_Static_assert(sizeof(struct account_key) <= KEY_MOST, "account keys are longer");
_Static_assert(ACCOUNT_SQUARE_NS == SQUARE_NS, "BPF and snapshot squares differ");

struct strata *strata_new(void)
{
	struct strata *strata = calloc(1, sizeof(*strata));

	if (strata) {
		strata->accounts.key_size = sizeof(struct account_key);
		strata->processes.key_size = sizeof(uint32_t);
	}
	return strata;
}

static void rows_free(struct rows *rows)
{
	lookup_free(&rows->keys);
	free(rows->rows);
}

void strata_free(struct strata *strata)
{
	if (!strata)
		return;
	rows_free(&strata->accounts);
	rows_free(&strata->processes);
	free(strata);
}

struct sample strata_account(const struct account *of_processor, int processors, bool sees_populated)
{
	struct sample sample = {};

	for (int i = 0; i < processors; i++) {
		const struct account *from = &of_processor[i];

		sample.faults += from->faults - (sees_populated ? 0 : from->populated);
		sample.timed += from->timed;
		sample.timed_ns += from->fault_ns;
		sample.timed_squares += from->fault_ns_squared;
		sample.zeroed_bytes += from->zeroed_bytes;
		sample.zero_timed_bytes += from->zero_timed_bytes;
		sample.zero_ns += from->zero_ns;
	}
	return sample;
}

struct sample strata_process(const struct process_account *account, bool sees_populated)
{
	struct sample sample = {
	    .timed = account->timed,
	    .timed_ns = account->fault_ns,
	    .zeroed_bytes = account->zeroed_bytes,
	    .zero_timed_bytes = account->zero_timed_bytes,
	    .zero_ns = account->zero_ns,
	};

	for (int cause = 0; cause < CAUSE_COUNT; cause++)
		sample.faults += account->causes[cause];
	sample.faults -= sees_populated ? 0 : account->populated;
	return sample;
}

static bool same_key(const void *context, uint32_t entry, const void *key)
{
	const struct rows *rows = context;

	return !memcmp(rows->rows[entry].key, key, rows->key_size);
}

static struct row *find(const struct rows *rows, const void *key)
{
	uint32_t hash = lookup_hash(LOOKUP_START, key, rows->key_size);
	uint32_t entry = lookup_find(&rows->keys, hash, same_key, rows, key);

	return entry == LOOKUP_NONE ? NULL : &rows->rows[entry];
}

static struct row *make(struct rows *rows, const void *key)
{
	struct row *row;

	if (room_for_one(&rows->rows, &rows->room, rows->count, sizeof(*row)))
		return NULL;
	row = &rows->rows[rows->count];
	*row = (struct row){};
	memcpy(row->key, key, rows->key_size);
	if (lookup_add(&rows->keys, lookup_hash(LOOKUP_START, key, rows->key_size), rows->count))
		return NULL;
	rows->count++;
	return row;
}

/* Figures are read while they are counted: never below nothing. */
static uint64_t since(uint64_t whole, uint64_t before)
{
	return whole > before ? whole - before : 0;
}

/* What is counted since its stratum began is added. */
static void cover(const struct row *row, const struct sample *whole, struct covered *covered)
{
	struct sample open = *whole;

	if (row)
		open = (struct sample){
		    .faults = since(whole->faults, row->before.faults),
		    .timed = since(whole->timed, row->before.timed),
		    .timed_ns = since(whole->timed_ns, row->before.timed_ns),
		    .timed_squares = since(whole->timed_squares, row->before.timed_squares),
		    .zeroed_bytes = since(whole->zeroed_bytes, row->before.zeroed_bytes),
		    .zero_timed_bytes = since(whole->zero_timed_bytes, row->before.zero_timed_bytes),
		    .zero_ns = since(whole->zero_ns, row->before.zero_ns),
		};
	covered_add(covered, &open);
}

static int end(struct rows *rows, const void *key, const struct sample *whole)
{
	struct row *row = find(rows, key);

	if (!row)
		row = make(rows, key);
	if (!row)
		return -1;
	cover(row, whole, &row->covered);
	row->before = *whole;
	return 0;
}

int strata_end_account(struct strata *strata, const struct account_key *key, const struct sample *whole)
{
	return end(&strata->accounts, key, whole);
}

int strata_end_process(struct strata *strata, uint32_t id, const struct sample *whole)
{
	return end(&strata->processes, &id, whole);
}

/* Strata in which nothing of the row was timed are taken to be like its others, and not like other rows. */
static void cover_all(const struct row *row, const struct sample *whole, struct covered *covered)
{
	if (row)
		*covered = row->covered;
	cover(row, whole, covered);
	covered_stretch(covered, whole->faults, whole->zeroed_bytes);
}

void strata_cover_account(
    const struct strata *strata, const struct account_key *key, const struct sample *whole, struct covered *covered)
{
	cover_all(strata ? find(&strata->accounts, key) : NULL, whole, covered);
}

void strata_cover_process(const struct strata *strata, uint32_t id, const struct sample *whole, struct covered *covered)
{
	cover_all(strata ? find(&strata->processes, &id) : NULL, whole, covered);
}

static int end_all(struct strata *strata, const struct figures *figures, bool sees_populated)
{
	int processors = libbpf_num_possible_cpus(), result = 0;

	for (__u32 i = 0; !result && i < figures->accounts.count; i++) {
		struct sample whole = strata_account(entry_value(&figures->accounts, i), processors, sees_populated);

		result = strata_end_account(strata, entry_key(&figures->accounts, i), &whole);
	}
	for (__u32 i = 0; !result && i < figures->processes.count; i++) {
		struct sample whole = strata_process(entry_value(&figures->processes, i), sees_populated);

		result = strata_end_process(strata, *(const __u32 *)entry_key(&figures->processes, i), &whole);
	}
	return result;
}

int strata_end(struct tracer *tracer)
{
	struct undisturbed before;
	struct figures figures;
	int result;

	if (!tracer->strata)
		tracer->strata = strata_new();
	if (!tracer->strata || !undisturbed_begin(&before))
		return -1;
	result = figures_read_once(&figures, tracer->skeleton);
	undisturbed_end(&before);
	if (!result)
		result = end_all(tracer->strata, &figures, tracer_times_populated(tracer));
	figures_free(&figures);
	return result;
}
