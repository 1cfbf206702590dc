/* SPDX-License-Identifier: MIT */
/* A breakdown as comma-separated values: classes, then functions, then counters in the same columns. */
#include "output/breakdown_output.h"

#include <inttypes.h>
#include <math.h>

#include "output/csv_value.h"

static const char head[] = "record,class,function,object,samples,time_ns,share,share_low,share_high\n";

static void write_samples(const struct breakdown *breakdown, uint64_t samples, FILE *file)
{
	struct share share = share_of(samples, breakdown->samples);
	uint64_t each = breakdown_sample_ns(breakdown);

	fprintf(file, ",%" PRIu64 ",", samples);
	if (each != UNKNOWN)
		fprintf(file, "%" PRIu64, samples * each);
	if (isnan(share.value))
		fputs(",,,\n", file);
	else
		fprintf(file, ",%.6f,%.6f,%.6f\n", share.value, share.low, share.high);
}

static void write_classes(const struct breakdown *breakdown, FILE *file)
{
	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
		fprintf(file, "class,%s,,", time_class_name(class));
		/* What can't be told here stays empty. */
		if (!breakdown_class_known(breakdown, class))
			fputs(",,,,,\n", file);
		else
			write_samples(breakdown, breakdown->classes[class].samples, file);
	}
}

static void write_functions(const struct breakdown *breakdown, FILE *file)
{
	for (size_t i = 0; i < breakdown->row_count; i++) {
		const struct time_row *row = &breakdown->rows[i];

		fprintf(file, "function,%s,", time_class_name(row->class));
		csv_value_string(row->function, file);
		fputc(',', file);
		csv_value_string(row->object, file);
		write_samples(breakdown, row->samples, file);
	}
}

static void write_counter(const char *name, uint64_t value, FILE *file)
{
	fprintf(file, "counter,%s,,,", name);
	if (value != UNKNOWN)
		fprintf(file, "%" PRIu64, value);
	fputs(",,,,\n", file);
}

int breakdown_csv(const struct breakdown *breakdown, FILE *file)
{
	const struct zero_check *check = &breakdown->check;

	fputs(head, file);
	write_classes(breakdown, file);
	write_functions(breakdown, file);
	fputs("total,,,", file);
	write_samples(breakdown, breakdown->samples, file);
	write_counter("runs", breakdown->runs, file);
	write_counter("lost", breakdown->lost, file);
	write_counter("throttled", breakdown->throttled, file);
	write_counter("processes", breakdown->processes, file);
	write_counter("user_as_taken", breakdown->user_as_taken, file);
	write_counter("late_from_fault", breakdown->late_from_fault, file);
	write_counter("late_from_call", breakdown->late_from_call, file);
	write_counter("user_ns", breakdown->user_ns, file);
	write_counter("system_ns", breakdown->system_ns, file);
	write_counter("wall_ns", breakdown->wall_ns, file);
	write_counter("hook_zero_ns", check->done ? check->zero_ns : UNKNOWN, file);
	write_counter("hook_cpu_ns", check->done ? check->cpu_ns : UNKNOWN, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
