// SPDX-License-Identifier: MIT
/* Maps in, snapshot out. */
#include "trace/collect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "snapshot/strings.h"
#include "trace.skel.h"
#include "trace/describe.h"
#include "trace/figures.h"
#include "trace/object.h"
#include "process/owner.h"
#include "trace/perf_only.h"
#include "trace/recognise.h"
#include "trace/stack_snapshot.h"
#include "trace/strata.h"
#include "trace/texts.h"

_Static_assert(ACCOUNT_BUCKETS == HISTOGRAM_BUCKETS, "BPF and snapshot histograms differ");
_Static_assert((int)CAUSE_COUNT == (int)FAULT_CAUSE_COUNT && (int)CAUSE_PROTECTION == (int)FAULT_CAUSE_PROTECTION,
    "BPF and snapshot causes differ");

/* Not all clearings of what rows like this one cost were seen: some of it may be hugetlb's. */
static bool misses_clearings(const struct tracer *tracer, __u32 owner)
{
	const struct rung *rung = tracer->selection.by[SUBJECT_ZERO];
	__u32 kind = OWNER_KIND(owner), object = OWNER_OBJECT(owner);

	if (!rung || !rung->misses_hugetlb || object >= OBJECTS_MOST)
		return false;
	if (kind != OWNER_ANON && kind != OWNER_SHARED && kind != OWNER_FILE && kind != OWNER_FILE_PRIVATE)
		return false;
	return (tracer->skeleton->bss->objects_hugetlb[object / 64] |
	           tracer->skeleton->bss->objects_on_hugetlbfs[object / 64]) >>
	           (object % 64) &
	       1;
}

static struct counts counts_of(
    const struct account *values, int cpus, const struct account_key *key, const struct tracer *tracer)
{
	struct sample whole = strata_account(values, cpus, tracer_times_populated(tracer));
	struct counts counts = {
	    .timeable = OWNER_KIND(key->owner) == OWNER_UNSEEN ? 0 : whole.faults,
	    .timed = whole.timed,
	    .timed_ns = whole.timed_ns,
	};

	for (int cpu = 0; cpu < cpus; cpu++) {
		const struct account *from = &values[cpu];

		counts.faults += from->faults;
		counts.major += from->major;
		counts.populated += from->populated;
		counts.zeroed_bytes += from->zeroed_bytes;
		counts.zeroed_twice_bytes += from->zeroed_twice_bytes;
		counts.zero_events += from->zero_events;
		for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
			counts.histogram[i] += from->histogram[i];
	}
	if (key->cause < CAUSE_COUNT)
		counts.causes[key->cause] = counts.faults;
	strata_cover_account(tracer->strata, key, &whole, &counts.covered);
	if (misses_clearings(tracer, key->owner))
		counts.zeroed_bytes = UNKNOWN;
	return counts;
}

static int add_purger(struct snapshot *snapshot, const struct texts *texts, const struct account_key *key,
    enum region region, const struct counts *counts)
{
	const struct purger *purger = &texts->purgers[key->purger];
	struct purger_row *row =
	    snapshot_purger(snapshot, texts_object(texts, purger->caller), texts_purge(purger->call), region);

	if (!row)
		return -1;
	row->faults += counts->faults;
	row->zeroed_bytes = known_sum(row->zeroed_bytes, counts->zeroed_bytes);
	return 0;
}

static int add_account(
    struct snapshot *snapshot, const struct texts *texts, const struct account_key *key, const struct counts *counts)
{
	char detail[OWNER_DETAIL];
	enum region region =
	    owner_region(key->owner, key->block_size, texts_object(texts, OWNER_OBJECT(key->owner)), detail);
	struct region_row *row = snapshot_region(snapshot, region, detail);
	struct phase_row *phase;

	if (!row)
		return -1;
	counts_add(&row->counts, counts);
	phase = snapshot_phase(snapshot, texts->phases[key->phase].text);
	if (!phase)
		return -1;
	counts_add(&phase->regions[region], counts);
	return key->cause == CAUSE_PURGED ? add_purger(snapshot, texts, key, region, counts) : 0;
}

static bool is_empty(const struct phase_row *phase)
{
	for (enum region region = 0; region < REGION_COUNT; region++)
		if (phase->regions[region].faults || phase->regions[region].zero_events)
			return false;
	return true;
}

/* All were made beforehand, for their order; those without any figure are not shown. */
static void drop_empty_phases(struct snapshot *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->phase_count; i++) {
		if (!is_empty(&snapshot->phases[i]))
			snapshot->phases[kept++] = snapshot->phases[i];
		else
			free(snapshot->phases[i].name);
	}
	snapshot->phase_count = kept;
}

static int add_accounts(
    const struct tracer *tracer, const struct entries *accounts, const struct texts *texts, struct snapshot *snapshot)
{
	int cpus = libbpf_num_possible_cpus(), result = 0;

	for (int i = 0; i < PHASES && !result; i++) {
		const char *name = texts->phases[texts->order[i]].text;

		if (name[0] && !snapshot_phase(snapshot, name))
			result = -1;
	}
	for (__u32 i = 0; i < accounts->count && !result; i++) {
		const struct account_key *key = entry_key(accounts, i);
		struct counts counts = counts_of(entry_value(accounts, i), cpus, key, tracer);

		/* Some were made beforehand and never needed. */
		if (counts.faults || counts.zero_events)
			result = add_account(snapshot, texts, key, &counts);
	}
	drop_empty_phases(snapshot);
	snapshot->totals.unseen = snapshot_region_sum(snapshot, REGION_UNSEEN).faults;
	return result;
}

/* Failed faults, and what became of zeroed pages. */
static int add_asides(const struct entries *asides, const struct texts *texts, struct snapshot *snapshot)
{
	for (__u32 i = 0; i < asides->count; i++) {
		const struct aside_key *key = entry_key(asides, i);
		const struct aside *aside = entry_value(asides, i);
		char detail[OWNER_DETAIL];
		enum region region =
		    owner_region(key->owner, key->block_size, texts_object(texts, OWNER_OBJECT(key->owner)), detail);
		struct region_row *row = snapshot_region(snapshot, region, detail);
		struct waste *waste;

		if (!row)
			return -1;
		row->counts.failed += aside->failed;
		waste = &row->counts.waste;
		waste->sampled += aside->sampled;
		waste->checked += aside->checked;
		waste->sampled_weight += aside->sampled_weight;
		waste->checked_weight += aside->checked_weight;
		waste->checked_squares += aside->checked_squares;
		waste->unused_weight += aside->unused_weight;
	}
	return 0;
}

static void add_causes(const struct process_account *account, struct counts *counts)
{
	for (int cause = 0; cause < CAUSE_COUNT; cause++) {
		counts->causes[cause] = account->causes[cause];
		counts->faults += account->causes[cause];
	}
}

static int add_processes(struct tracer *tracer, const struct entries *processes, struct snapshot *snapshot)
{
	const struct rung *zeroing = tracer->selection.by[SUBJECT_ZERO];
	bool misses_hugetlb = zeroing && zeroing->misses_hugetlb, failed = false;

	if (!processes->count)
		return 0;
	snapshot->processes = calloc(processes->count, sizeof(*snapshot->processes));
	if (!snapshot->processes)
		return -1;
	cgroup_names_refresh(&tracer->cgroups);
	for (__u32 i = 0; i < processes->count; i++) {
		const struct process_account *account = entry_value(processes, i);
		__u32 id = *(const __u32 *)entry_key(processes, i);
		struct sample whole = strata_process(account, tracer_times_populated(tracer));
		struct process_row *row = &snapshot->processes[i];

		*row = (struct process_row){
		    .pid = account->pid ? account->pid : id,
		    .parent = account->parent,
		    .comm = strndup(account->comm, sizeof(account->comm)),
		    .cgroup = string_copy(cgroup_name(&tracer->cgroups, account->cgroup), &failed),
		    .counts =
		        {
		            .major = account->major,
		            .populated = account->populated,
		            .zeroed_bytes = misses_hugetlb && account->hugetlb ? UNKNOWN : account->zeroed_bytes,
		            .zeroed_twice_bytes = account->zeroed_twice_bytes,
		            .zero_events = account->zero_events,
		            .timeable = whole.faults,
		            .timed = whole.timed,
		            .timed_ns = whole.timed_ns,
		        },
		};
		add_causes(account, &row->counts);
		strata_cover_process(tracer->strata, id, &whole, &row->counts.covered);
		snapshot->process_count++;
		if (!row->comm || failed)
			return -1;
	}
	return 0;
}

static const enum lost_kind losses[LOSS_COUNT] = {
    [LOSS_ACCOUNT] = LOST_ROWS,
    [LOSS_OBJECT] = LOST_FILES,
    [LOSS_TABLE] = LOST_RANGES,
    [LOSS_SPACE] = LOST_SPACES,
    [LOSS_HISTORY] = LOST_HISTORY,
    [LOSS_PHASE] = LOST_PHASES,
    [LOSS_TASK] = LOST_TASKS,
};

/* Returns events of processes that the process list has no room for. */
static uint64_t add_totals(const struct tracer *tracer, const struct totals *totals, struct snapshot *snapshot)
{
	uint64_t missing = 0;

	snapshot->totals.charged_minor = totals->minor;
	snapshot->totals.charged_major = totals->major;
	snapshot->totals.failed = totals->failed;
	for (int i = 0; i < LOSS_COUNT; i++)
		if (i == LOSS_PROCESS)
			missing += totals->lost[i];
		else
			snapshot_lose(snapshot, losses[i], totals->lost[i]);
	snapshot->totals.skipped = skips_most(tracer);
	/* An old kernel's causes aren't told, and so neither are pages written for the first time. */
	snapshot->totals.unallocated =
	    object_is_old() || !tracer->selection.by[SUBJECT_ZERO] ? UNKNOWN : totals->unallocated;
	snapshot->totals.traced_ns = totals->runtime_ns;
	snapshot->totals.own_ns = tracer->price.known ? (uint64_t)price_of(&tracer->price, totals) : UNKNOWN;
	if (tracer->collector && tracer->price.known)
		snapshot->totals.own_ns += stack_collector_cost(tracer->collector);
	return missing;
}

static int add_figures(
    struct tracer *tracer, const struct figures *figures, struct snapshot *snapshot, uint64_t *missing)
{
	struct texts *texts = calloc(1, sizeof(*texts));
	int result = texts ? texts_read(texts, tracer->skeleton) : -1;

	if (!result)
		result = add_accounts(tracer, &figures->accounts, texts, snapshot);
	if (!result)
		result = add_asides(&figures->asides, texts, snapshot);
	if (!result)
		result = add_processes(tracer, &figures->processes, snapshot);
	if (!result)
		result = stack_snapshot(tracer, texts_object, texts, snapshot);
	*missing = add_totals(tracer, &figures->totals, snapshot);
	snapshot_lose(snapshot, LOST_TASKS, tracer->looks_failed);
	if (texts)
		texts_free(texts);
	free(texts);
	return result;
}

/* From the BPF maps. `mixed`: as recognise_files() has it. Names come after the figures, whose rows must have theirs.
 */
static int read_maps(struct tracer *tracer, struct snapshot *snapshot, uint64_t *missing, const char **mixed)
{
	struct figures figures;
	int result = figures_read(&figures, tracer->skeleton, &tracer->totals);

	if (!result) {
		*mixed = recognise_files(tracer);
		result = add_figures(tracer, &figures, snapshot, missing);
	}
	figures_free(&figures);
	return result;
}

int collect(struct tracer *tracer, struct snapshot *snapshot, char error[TRACER_ERROR])
{
	const char *mixed = NULL;
	uint64_t missing = 0;
	int result =
	    tracer->perf ? perf_only_collect(tracer->perf, snapshot) : read_maps(tracer, snapshot, &missing, &mixed);

	if (!result)
		result = describe_kernel(tracer, snapshot, missing, mixed);
	describe_counts(tracer, snapshot);
	if (result) {
		snprintf(error, TRACER_ERROR, "can't read the counts: %s", strerror(errno));
		return -1;
	}
	snapshot_finish(snapshot);
	describe_sampling(snapshot);
	return 0;
}
