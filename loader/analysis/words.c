/* SPDX-License-Identifier: MIT */
/*
 * A snapshot in words. Each sentence is one function that looks at the figures and says something or nothing. See
 * words.h.
 */
#include "analysis/words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/paragraph.h"

#define LONGEST          512
#define LEADING_REGIONS  3
#define LEADING_PURGERS  2
#define LEADING_PERCENT  10.0 /* a region below this isn't worth a word */
#define MOSTLY_PERCENT   90.0
#define WASTE_PERCENT    1.0
#define METADATA_PERCENT 50.0 /* of all faults: from here on the allocator's own metadata is the story */

/* How each region is named in a sentence: "62 % of the faults are in ...". */
static const char *const phrases[REGION_COUNT] = {
    [REGION_ALLOCATOR] = "the allocator's memory",
    [REGION_TLS] = "thread-local storage",
    [REGION_STACK] = "stacks",
    [REGION_LIBC] = NULL, /* libc_phrase() */
    [REGION_PROGRAM] = "the program's own segments",
    [REGION_LIBRARY] = "shared libraries",
    [REGION_FILE] = "mapped files and shared memory",
    [REGION_ANON] = "memory mapped by the program or its libraries",
    [REGION_KERNEL] = "the kernel's own pages",
    [REGION_UNSEEN] = "places that no hook saw",
};

static double percent(uint64_t part, uint64_t whole)
{
	return whole && whole != UNKNOWN && part != UNKNOWN ? 100.0 * (double)part / (double)whole : 0;
}

static uint64_t faults_of(const struct snapshot *snapshot, enum region region)
{
	uint64_t faults = snapshot_region_sum(snapshot, region).faults;

	return faults == UNKNOWN ? 0 : faults;
}

/* The region with the most faults among those not in `named`. */
static enum region largest(const struct snapshot *snapshot, const bool *named)
{
	enum region most = REGION_COUNT;

	for (enum region region = 0; region < REGION_COUNT; region++)
		if (!named[region] && (most == REGION_COUNT || faults_of(snapshot, region) > faults_of(snapshot, most)))
			most = region;
	return most;
}

static const struct counts *counts_of_detail(const struct snapshot *snapshot, enum region region, const char *detail)
{
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		if (row->region == region && !strcmp(row->detail, detail))
			return &row->counts;
	}
	return NULL;
}

static uint64_t faults_of_detail(const struct snapshot *snapshot, enum region region, const char *detail)
{
	const struct counts *counts = counts_of_detail(snapshot, region, detail);

	return counts && counts->faults != UNKNOWN ? counts->faults : 0;
}

/* The C library's malloc serves the program; its code and data don't. */
static const char *libc_phrase(const struct snapshot *snapshot)
{
	uint64_t served = faults_of_detail(snapshot, REGION_LIBC, "heap") +
	                  faults_of_detail(snapshot, REGION_LIBC, "arena") +
	                  faults_of_detail(snapshot, REGION_LIBC, "mmap");
	double share = percent(served, faults_of(snapshot, REGION_LIBC));

	if (share >= MOSTLY_PERCENT)
		return "memory of the C library's malloc";
	if (share <= 100 - MOSTLY_PERCENT)
		return "the C library's own code and data";
	return "the C library and its malloc";
}

static void say_shares(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	uint64_t faults = snapshot->totals.counts.faults;
	bool named[REGION_COUNT] = {false};
	char sentence[LONGEST] = "";

	for (int i = 0; i < LEADING_REGIONS; i++) {
		enum region region = largest(snapshot, named);
		double share = percent(faults_of(snapshot, region), faults);
		const char *phrase = region == REGION_LIBC ? libc_phrase(snapshot) : phrases[region];
		size_t length = strlen(sentence);

		if (i && share < LEADING_PERCENT)
			break;
		named[region] = true;
		snprintf(sentence + length, sizeof(sentence) - length,
		    i ? ", %.0f %% in %s" : "%.0f %% of the faults are in %s", share, phrase);
	}
	say(paragraph, "%s.", sentence);
}

/*
 * Phases know regions, not details: of the allocator's faults before main, at least those that all other details
 * together can't account for are its metadata's.
 */
static bool metadata_is_initialised(const struct snapshot *snapshot, uint64_t metadata)
{
	uint64_t others = faults_of(snapshot, REGION_ALLOCATOR) - metadata;

	for (size_t i = 0; i < snapshot->phase_count; i++) {
		const struct phase_row *phase = &snapshot->phases[i];
		uint64_t early = phase->regions[REGION_ALLOCATOR].faults;

		if (!strcmp(phase->name, PHASE_NAME_BEFORE_MAIN) && early != UNKNOWN && early > others)
			return percent(early - others, metadata) >= MOSTLY_PERCENT;
	}
	return false;
}

/* What touching none of it could save at most. The time is its faults' alone: what cleared it is the program's. */
static void say_metadata_gain(struct paragraph *paragraph, const struct snapshot *snapshot, const struct counts *counts)
{
	char zeroed[64] = "", time[96] = "";

	if (counts->zeroed_bytes != UNKNOWN)
		snprintf(zeroed, sizeof(zeroed), ", %.0f MiB of zeroing", (double)counts->zeroed_bytes / (1 << 20));
	if (counts->fault_ns != UNKNOWN && counts->fault_ns < snapshot->wall_ns)
		snprintf(time, sizeof(time), " and %s%.1f ms in faults, %.0f %% of the run",
		    counts->timed < counts->faults ? "about " : "", counts->fault_ns / 1e6,
		    percent(counts->fault_ns, snapshot->wall_ns));
	say(paragraph, "Touching none of it would save %" PRIu64 " faults%s%s.", counts->faults, zeroed, time);
}

/* Metadata that leads is start-up cost: the study this project started from took it for the workload's. */
static void say_metadata(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	const struct counts *counts = counts_of_detail(snapshot, REGION_ALLOCATOR, "metadata");
	double share = counts ? percent(counts->faults, snapshot->totals.counts.faults) : 0;

	if (share < METADATA_PERCENT)
		return;
	say(paragraph,
	    "%.0f %% are in the allocator's own metadata%s, not in blocks that the program asked for: recycling or "
	    "purging blocks differently cannot save them; touching less metadata can.",
	    share,
	    metadata_is_initialised(snapshot, counts->faults) ? ", touched before main, in its initialisation" : "");
	say_metadata_gain(paragraph, snapshot, counts);
}

static bool is_estimate(const struct hook *hook)
{
	return hook->method == METHOD_ESTIMATE || hook->method == METHOD_SAMPLED;
}

/* What malloc hands out, whoever's malloc it is. */
static struct counts malloc_counts(const struct snapshot *snapshot)
{
	static const char *const details[] = {"heap", "arena", "mmap"};
	struct counts sum = snapshot_region_sum(snapshot, REGION_ALLOCATOR);

	for (size_t i = 0; i < snapshot->region_count; i++)
		for (size_t j = 0; j < sizeof(details) / sizeof(details[0]); j++)
			if (snapshot->regions[i].region == REGION_LIBC &&
			    !strcmp(snapshot->regions[i].detail, details[j]))
				counts_add(&sum, &snapshot->regions[i].counts);
	return sum;
}

/* What no recycling of memory can save. Nothing is said as long as the cause of a single fault is not known. */
static void say_malloc_causes(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	struct counts counts = malloc_counts(snapshot);

	if (percent(counts.faults, snapshot->totals.counts.faults) < LEADING_PERCENT ||
	    counts.causes[FAULT_CAUSE_PURGED] || counts.causes[FAULT_CAUSE_UNKNOWN])
		return;
	if (counts.causes[FAULT_CAUSE_FIRST_TOUCH] == counts.faults)
		say(paragraph,
		    "Each fault in malloc's memory is the first touch of a page that the program then used; none of it "
		    "was purged and touched again, so keeping or recycling pages can't save any.");
	else
		say(paragraph, "None of malloc's memory was purged and touched again, so keeping or recycling pages "
		               "can't save any of its faults.");
}

/* Whoever made a good part of a region's pages fault again. */
static void say_purgers(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	int said = 0;

	for (size_t i = 0; i < snapshot->purger_count && said < LEADING_PURGERS; i++) {
		const struct purger_row *purger = &snapshot->purgers[i];
		double share = percent(purger->faults, faults_of(snapshot, purger->region));
		const char *phrase = purger->region == REGION_LIBC ? libc_phrase(snapshot) : phrases[purger->region];

		if (share < LEADING_PERCENT || percent(purger->faults, snapshot->totals.counts.faults) < 1)
			continue;
		said++;
		say(paragraph, "%.0f %% of the faults in %s touch again pages that %s gave back%s%s.", share, phrase,
		    purger->object[0] ? purger->object : "somebody unknown", purger->call[0] ? " by " : "",
		    purger->call);
	}
}

/* Before main, and the mark that most faults came after. */
static void say_phases(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	const struct phase_row *largest_mark = NULL;
	uint64_t faults = snapshot->totals.counts.faults;

	for (size_t i = 0; i < snapshot->phase_count; i++) {
		const struct phase_row *phase = &snapshot->phases[i];

		if (!strcmp(phase->name, PHASE_NAME_BEFORE_MAIN)) {
			if (percent(phase->counts.faults, faults) >= 1)
				say(paragraph, "%.0f %% happen before main.", percent(phase->counts.faults, faults));
		} else if (strcmp(phase->name, PHASE_NAME_MAIN) != 0 && strcmp(phase->name, PHASE_NAME_UNKNOWN) != 0 &&
		           (!largest_mark || phase->counts.faults > largest_mark->counts.faults)) {
			largest_mark = phase;
		}
	}
	if (largest_mark)
		say(paragraph, "%.0f %% happen after the mark \"%s\".", percent(largest_mark->counts.faults, faults),
		    largest_mark->name);
}

/* Amdahl's law, as if zeroing were wholly on the way of the run; threads that zero at once can't gain even that. */
static void say_zeroing(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	uint64_t zero_ns = snapshot->totals.counts.zero_ns, wall_ns = snapshot->wall_ns;
	const struct hook *hook = &snapshot->kernel.hooks[SUBJECT_ZERO_TIME];
	const char *qualifier = "";

	if (zero_ns == UNKNOWN) {
		say(paragraph, "How long zeroing took was not measured, so what removing it would gain is not known.");
		return;
	}
	if (!zero_ns || !wall_ns)
		return;
	if (zero_ns >= wall_ns) {
		say(paragraph, "Zeroing took as much time as the whole run, on several processors: its share of the "
		               "run can't be told.");
		return;
	}
	if (hook->method == METHOD_UPPER_BOUND)
		qualifier = "at most ";
	else if (is_estimate(hook))
		qualifier = "about ";
	say(paragraph, "Zeroing is %s%.1f %% of the run: removing all of it would make this %.3fx faster at best%s.",
	    qualifier, percent(zero_ns, wall_ns), (double)wall_ns / (double)(wall_ns - zero_ns),
	    is_estimate(hook) ? ", if the estimate holds" : "");
}

/* Pages that were clean already. */
static void say_twice(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;

	if (!counts->zeroed_twice_bytes || counts->zeroed_twice_bytes == UNKNOWN)
		return;
	say(paragraph,
	    "%.0f %% of the zeroing was of pages that the same fault had cleared already: the kernel does that%s, and "
	    "the program can't help it.",
	    percent(counts->zeroed_twice_bytes, counts->zeroed_bytes),
	    snapshot->kernel.init_on_alloc == 1 ? " because init_on_alloc is on" : "");
}

/* Whose pages most of the waste is. */
static enum region most_wasted(const struct snapshot *snapshot)
{
	enum region most = REGION_COUNT;
	uint64_t bytes = 0;

	for (enum region region = 0; region < REGION_COUNT; region++) {
		struct counts sum = snapshot_region_sum(snapshot, region);

		if (sum.waste.bytes != UNKNOWN && sum.waste.bytes > bytes) {
			bytes = sum.waste.bytes;
			most = region;
		}
	}
	return most;
}

/* Memory that nobody needed. A program may have read it, or put zeroes there itself. */
static void say_waste(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	const struct waste *waste = &snapshot->totals.counts.waste;
	enum region region = most_wasted(snapshot);
	char interval[32] = "";

	if (waste->bytes == UNKNOWN || percent(waste->bytes, waste->of_bytes) < WASTE_PERCENT || region == REGION_COUNT)
		return;
	if (waste->low != waste->high)
		snprintf(interval, sizeof(interval), " (%.0f to %.0f %%)", percent(waste->low, waste->of_bytes),
		    percent(waste->high, waste->of_bytes));
	say(paragraph,
	    "%s%.0f %%%s of the zeroed memory that was given back held nothing but zeroes even then, most of it in %s.",
	    interval[0] ? "About " : "", percent(waste->bytes, waste->of_bytes), interval,
	    region == REGION_LIBC ? libc_phrase(snapshot) : phrases[region]);
}

static void say_doubts(struct paragraph *paragraph, const struct snapshot *snapshot)
{
	if (snapshot->totals.lost == UNKNOWN)
		say(paragraph, "How much was lost is unknown.");
	else if (snapshot_lacks_counts(snapshot))
		say(paragraph, "%" PRIu64 " events were lost: the figures above are too low.", snapshot->totals.lost);
	else if (snapshot->totals.lost)
		say(paragraph, "Of %" PRIu64 " events some detail was lost: the sums are right.",
		    snapshot->totals.lost);
	if (snapshot_missing_clearings(snapshot))
		say(paragraph,
		    "The kernel skipped hooks, of this run or of other programs: up to %" PRIu64
		    " clearings of pages may be missing above, and causes of as many faults unknown.",
		    snapshot_missing_clearings(snapshot));
	if (snapshot->totals.unseen != UNKNOWN && snapshot->totals.unseen > 3)
		say(paragraph, "%" PRIu64 " faults were charged that no hook saw; they are in no other region.",
		    snapshot->totals.unseen);
}

void words_write(const struct snapshot *snapshot, FILE *file)
{
	struct paragraph paragraph = {.file = file};
	const struct counts *counts = &snapshot->totals.counts;

	say(&paragraph, snapshot->filter.words ? "In words, of what is shown:" : "In words:");
	if (!counts->faults || counts->faults == UNKNOWN) {
		say(&paragraph, "no faults were counted.");
	} else if (snapshot->region_count) {
		say_shares(&paragraph, snapshot);
		say_metadata(&paragraph, snapshot);
		say_malloc_causes(&paragraph, snapshot);
		say_purgers(&paragraph, snapshot);
		say_phases(&paragraph, snapshot);
	}
	say_zeroing(&paragraph, snapshot);
	say_twice(&paragraph, snapshot);
	say_waste(&paragraph, snapshot);
	say_doubts(&paragraph, snapshot);
	fputc('\n', file);
}
