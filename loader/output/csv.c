/* SPDX-License-Identifier: MIT */
/*
 * Comma-separated values: one line a region, then totals, phases, purgers, processes and stacks in the same columns, so
 * that one awk program reads them all. See docs/csv.md.
 */
#include "output/output.h"

#include <inttypes.h>
#include <stdlib.h>

#include "output/csv_value.h"
#include "output/stack_text.h"

static const char head[] =
    "record,region,detail,faults,major,populated,timed,fault_ns,zeroed_bytes,zero_events,zero_ns,"
    "p50_ns,p99_ns,first_touch,purged,copy_on_write,zero_page,file,swap,protection,unknown,"
    "failed,waste_of_bytes,waste_bytes,waste_low_bytes,waste_high_bytes,pid,stack,allocated\n";

/* What is unmeasured stays empty. */
static void write_value(uint64_t value, FILE *file)
{
	fputc(',', file);
	if (value != UNKNOWN)
		fprintf(file, "%" PRIu64, value);
}

static void write_head(const char *record, const char *region, const char *detail, FILE *file)
{
	fprintf(file, "%s,", record);
	csv_value_string(region, file);
	fputc(',', file);
	csv_value_string(detail, file);
}

static void write_values(const uint64_t *values, size_t count, FILE *file)
{
	for (size_t i = 0; i < count; i++)
		write_value(values[i], file);
}

static void write_unknowns(size_t count, FILE *file)
{
	while (count--)
		write_value(UNKNOWN, file);
}

#define FIGURES   8 /* of struct counts, up to zero_ns */
#define QUANTILES 2
#define ASIDES    5 /* failed faults and waste: regions and the total have them */
#define OF_STACK  3 /* what only stacks have */

static void write_counts(const struct counts *counts, FILE *file)
{
	const uint64_t values[FIGURES] = {counts->faults, counts->major, counts->populated, counts->timed,
	    counts->fault_ns, counts->zeroed_bytes, counts->zero_events, counts->zero_ns};

	write_values(values, FIGURES, file);
}

/* `unknown` last. */
static void write_causes(const struct counts *counts, FILE *file)
{
	write_values(counts->causes + 1, FAULT_CAUSE_COUNT - 1, file);
	write_values(counts->causes, 1, file);
}

static void write_processes(const struct snapshot *snapshot, FILE *file)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process_row *process = &snapshot->processes[i];
		char pid[16];

		snprintf(pid, sizeof(pid), "%" PRIu32, process->pid);
		write_head("process", pid, process->comm ? process->comm : "", file);
		write_counts(&process->counts, file);
		write_unknowns(QUANTILES + FAULT_CAUSE_COUNT + ASIDES + OF_STACK, file);
		fputc('\n', file);
	}
}

static void write_purgers(const struct snapshot *snapshot, FILE *file)
{
	for (size_t i = 0; i < snapshot->purger_count; i++) {
		const struct purger_row *purger = &snapshot->purgers[i];
		char who[192];

		snprintf(who, sizeof(who), "%s %s", purger->object[0] ? purger->object : "?",
		    purger->call[0] ? purger->call : "?");
		write_head("purger", region_name(purger->region), who, file);
		write_value(purger->faults, file);
		write_unknowns(4, file);
		write_value(purger->zeroed_bytes, file);
		write_unknowns(2 + QUANTILES + FAULT_CAUSE_COUNT + ASIDES + OF_STACK, file);
		fputc('\n', file);
	}
}

static void write_counter(const char *name, uint64_t value, FILE *file)
{
	fprintf(file, "counter,%s,", name);
	write_value(value, file);
	write_unknowns(FIGURES - 1 + QUANTILES + FAULT_CAUSE_COUNT + ASIDES + OF_STACK, file);
	fputc('\n', file);
}

static void write_counters(const struct snapshot *snapshot, FILE *file)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
	    {"rusage_minflt", snapshot->totals.charged_minor},
	    {"rusage_majflt", snapshot->totals.charged_major},
	    {"unseen", snapshot->totals.unseen},
	    {"failed", snapshot->totals.failed},
	    {"lost", snapshot->totals.lost},
	    {"skipped", snapshot->totals.skipped},
	    {"unallocated", snapshot->totals.unallocated},
	    {"user_ns", snapshot->totals.user_ns},
	    {"system_ns", snapshot->totals.system_ns},
	    {"max_rss_bytes", snapshot->totals.max_rss_bytes},
	    {"wall_ns", snapshot->wall_ns},
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		write_counter(counters[i].name, counters[i].value, file);
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++) {
		char name[32];

		snprintf(name, sizeof(name), "lost_%s", lost_name(kind));
		write_counter(name, snapshot->totals.lost_by[kind], file);
	}
}

static void write_measured(
    const char *record, const char *region, const char *detail, const struct counts *counts, FILE *file)
{
	const uint64_t quantiles[QUANTILES] = {
	    histogram_quantile(counts->histogram, 500), histogram_quantile(counts->histogram, 990)};

	write_head(record, region, detail, file);
	write_counts(counts, file);
	write_values(quantiles, QUANTILES, file);
	write_causes(counts, file);
}

/* The end of a region's line, or the total's, of which `failed` also has what lies in no region. */
static void write_asides(const struct waste *waste, uint64_t failed, FILE *file)
{
	const uint64_t values[ASIDES] = {failed, waste->of_bytes, waste->bytes, waste->low, waste->high};

	write_values(values, ASIDES, file);
	write_unknowns(OF_STACK, file);
	fputc('\n', file);
}

static void write_phase(const char *name, const char *region, const struct counts *counts, FILE *file)
{
	write_measured("phase", name, region, counts, file);
	write_unknowns(ASIDES + OF_STACK, file);
	fputc('\n', file);
}

/* A phase as a whole, then its regions. */
static void write_phases(const struct snapshot *snapshot, FILE *file)
{
	for (size_t i = 0; i < snapshot->phase_count; i++) {
		const struct phase_row *phase = &snapshot->phases[i];

		write_phase(phase->name, "", &phase->counts, file);
		for (enum region region = 0; region < REGION_COUNT; region++)
			if (phase->regions[region].faults || phase->regions[region].zero_events)
				write_phase(phase->name, region_name(region), &phase->regions[region], file);
	}
}

static uint64_t whole(double value)
{
	return value < 0 ? UNKNOWN : (uint64_t)value;
}

/* All its faults have one cause. */
static void write_stack_figures(const struct stack_row *row, FILE *file)
{
	struct counts counts = {.faults = whole(row->all_faults), .fault_ns = whole(row->all_ns)};

	counts.major = counts.populated = counts.timed = counts.zero_events = counts.zero_ns = UNKNOWN;
	counts.zeroed_bytes = whole(row->all_zeroed_bytes);
	counts.causes[row->key.cause] = counts.faults;
	write_counts(&counts, file);
	write_unknowns(QUANTILES, file);
	write_causes(&counts, file);
	write_unknowns(ASIDES, file);
}

static int write_text(char *text, FILE *file)
{
	fputc(',', file);
	if (text)
		csv_value_string(text, file);
	free(text);
	return text ? 0 : -1;
}

static int write_stacks(const struct stacks *stacks, FILE *file)
{
	for (size_t i = 0; i < stacks->row_count; i++) {
		const struct stack_key *key = &stacks->rows[i].key;

		write_head("stack", region_name(key->region), key->detail, file);
		write_stack_figures(&stacks->rows[i], file);
		write_value(key->pid ? key->pid : UNKNOWN, file);
		if (write_text(stack_text_whole(stacks, key), file) ||
		    write_text(stack_text_frames(stacks, &key->allocated), file))
			return -1;
		fputc('\n', file);
	}
	return 0;
}

/* What the lines up to the next one of these are of. */
static void write_part(const struct part *part, FILE *file)
{
	char number[16] = "all";

	if (part->number)
		snprintf(number, sizeof(number), "%" PRIu32, part->number);
	write_head("interval", number, "", file);
	write_unknowns(FIGURES + QUANTILES + FAULT_CAUSE_COUNT + ASIDES + OF_STACK, file);
	fputc('\n', file);
}

int output_csv(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	(void)options;
	if (!snapshot->in_parts || snapshot->part.first)
		fputs(head, file);
	if (snapshot->in_parts)
		write_part(&snapshot->part, file);
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		write_measured("region", region_name(row->region), row->detail, &row->counts, file);
		write_asides(&row->counts.waste, row->counts.failed, file);
	}
	write_measured("total", "", "", &snapshot->totals.counts, file);
	write_asides(&snapshot->totals.counts.waste, snapshot->totals.failed, file);
	write_phases(snapshot, file);
	write_purgers(snapshot, file);
	write_processes(snapshot, file);
	write_counters(snapshot, file);
	if (snapshot->stacks && write_stacks(snapshot->stacks, file))
		return -1;
	return ferror(file) || fflush(file) ? -1 : 0;
}
