/* SPDX-License-Identifier: MIT */
/*
 * Comma-separated values: one line a region, then totals and processes in the same columns, so that one awk program
 * reads them all. See docs/csv.md.
 */
#include "output/output.h"

#include <inttypes.h>
#include <string.h>

static const char head[] =
    "record,region,detail,faults,major,populated,timed,fault_ns,zeroed_bytes,zero_events,zero_ns,"
    "p50_ns,p99_ns\n";

/* Quoted only when it has to be (RFC 4180). */
static void write_string(const char *string, FILE *file)
{
	if (!strpbrk(string, ",\"\r\n")) {
		fputs(string, file);
		return;
	}
	fputc('"', file);
	for (; *string; string++) {
		if (*string == '"')
			fputc('"', file);
		fputc(*string, file);
	}
	fputc('"', file);
}

/* What is unmeasured stays empty. */
static void write_value(uint64_t value, FILE *file)
{
	fputc(',', file);
	if (value != UNKNOWN)
		fprintf(file, "%" PRIu64, value);
}

static void write_counts(const char *record, const char *region, const char *detail, const struct counts *counts,
    uint64_t median, uint64_t p99, FILE *file)
{
	const uint64_t values[] = {counts->faults, counts->major, counts->populated, counts->timed, counts->fault_ns,
	    counts->zeroed_bytes, counts->zero_events, counts->zero_ns, median, p99};

	fprintf(file, "%s,%s,", record, region);
	write_string(detail, file);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		write_value(values[i], file);
	fputc('\n', file);
}

static void write_processes(const struct snapshot *snapshot, FILE *file)
{
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process_row *process = &snapshot->processes[i];
		char pid[16];

		snprintf(pid, sizeof(pid), "%" PRIu32, process->pid);
		write_counts(
		    "process", pid, process->comm ? process->comm : "", &process->counts, UNKNOWN, UNKNOWN, file);
	}
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
	    {"user_ns", snapshot->totals.user_ns},
	    {"system_ns", snapshot->totals.system_ns},
	    {"max_rss_bytes", snapshot->totals.max_rss_bytes},
	    {"wall_ns", snapshot->wall_ns},
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		fprintf(file, "counter,%s,", counters[i].name);
		write_value(counters[i].value, file);
		fputs(",,,,,,,,,\n", file);
	}
}

static void write_measured(
    const char *record, const char *region, const char *detail, const struct counts *counts, FILE *file)
{
	write_counts(record, region, detail, counts, histogram_quantile(counts->histogram, 500),
	    histogram_quantile(counts->histogram, 990), file);
}

int output_csv(const struct snapshot *snapshot, FILE *file)
{
	fputs(head, file);
	for (size_t i = 0; i < snapshot->region_count; i++) {
		const struct region_row *row = &snapshot->regions[i];

		write_measured("region", region_name(row->region), row->detail, &row->counts, file);
	}
	write_measured("total", "", "", &snapshot->totals.counts, file);
	write_processes(snapshot, file);
	write_counters(snapshot, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
