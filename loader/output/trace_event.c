// SPDX-License-Identifier: MIT
/*
 * The time line as Chrome's trace events in JSON's array form, which Perfetto and chrome://tracing show. It is written
 * part by part as a run goes on (or as a recording has it), the whole last, which ends the array; a file that was cut
 * short before is still read. Each part adds what happened per second in it as counters, by region for all processes
 * together and for each process, and the figures themselves as a slice to click on.
 */
#include "output/output.h"

#include <math.h>

#include "output/json_value.h"

/* All processes together are a process of its own, with an id that none can have: the kernel's are below. */
#define ALL_PID    4194304
#define ALL_NAME   "all traced processes"
#define TRACK_RUN  1
#define TRACK_PART 2

struct events {
	FILE *file;
	bool first, failed;
	uint64_t start_ns, end_ns;
};

static json_t *microseconds(uint64_t ns)
{
	return json_real(ns / 1e3);
}

/* `event` is let go. */
static void put(struct events *events, json_t *event)
{
	if (!events->failed) {
		fputs(events->first ? "[\n" : ",\n", events->file);
		events->first = false;
		events->failed = !event || json_dumpf(event, events->file, JSON_COMPACT | JSON_REAL_PRECISION(15));
	}
	json_decref(event);
}

/* process_name, thread_name */
static void put_name(struct events *events, const char *what, uint32_t pid, uint32_t track, const char *name)
{
	put(events, json_pack("{s:s, s:s, s:I, s:I, s:{s:o}}", "ph", "M", "name", what, "pid", (json_int_t)pid, "tid",
	                (json_int_t)track, "args", "name", json_value_string(name)));
}

/* Values that are not known are left out. */
static void put_value(json_t **object, const char *name, double value)
{
	if (value >= 0)
		json_value_put(object, name, json_value_number(value));
}

static double known(uint64_t value)
{
	return value == UNKNOWN ? -1 : (double)value;
}

/* Figures of something that took from the start of the part to its end. `name` is a new reference. */
static void put_slice(struct events *events, uint32_t pid, uint32_t track, json_t *name, const struct counts *counts)
{
	json_t *figures = json_object();

	put_value(&figures, "faults", known(counts->faults));
	put_value(&figures, "major", known(counts->major));
	put_value(&figures, "fault_ns", known(counts->fault_ns));
	put_value(&figures, "zeroed_bytes", known(counts->zeroed_bytes));
	put_value(&figures, "zero_ns", known(counts->zero_ns));
	put(events,
	    json_pack("{s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "ph", "X", "name", name, "cat", "hakmem-trace", "pid",
	        (json_int_t)pid, "tid", (json_int_t)track, "ts", microseconds(events->start_ns), "dur",
	        microseconds(events->end_ns - events->start_ns), "args", figures));
}

/* Values from a time on, until the next ones. They are let go. */
static void put_counter(struct events *events, const char *name, uint32_t pid, uint64_t time_ns, json_t *values)
{
	if (json_object_size(values))
		put(events, json_pack("{s:s, s:s, s:I, s:o, s:O}", "ph", "C", "name", name, "pid", (json_int_t)pid,
		                "ts", microseconds(time_ns), "args", values));
	events->failed |= !values;
	json_decref(values);
}

static double per_second(const struct events *events, uint64_t value)
{
	if (value == UNKNOWN)
		return -1;
	return round(100.0 * (double)value / (double)(events->end_ns - events->start_ns) * 1e9) / 100;
}

/* Every region each time, so that one that has nothing more goes to 0. */
static void put_regions(struct events *events, const struct snapshot *snapshot)
{
	json_t *faults = json_object(), *zeroed_bytes = json_object();

	for (enum region region = 0; region < REGION_COUNT; region++) {
		struct counts sum = snapshot_region_sum(snapshot, region);

		put_value(&faults, region_name(region), per_second(events, sum.faults));
		put_value(&zeroed_bytes, region_name(region), per_second(events, sum.zeroed_bytes));
	}
	put_counter(events, "faults/s", ALL_PID, events->start_ns, faults);
	put_counter(events, "zeroed bytes/s", ALL_PID, events->start_ns, zeroed_bytes);
}

/* A part has no rows of processes that did nothing in it: what one did ends with the part. */
static void put_process_counter(struct events *events, uint32_t pid, const char *name, uint64_t value)
{
	json_t *rate = json_object(), *none = json_object();

	put_value(&rate, "all", per_second(events, value));
	put_value(&none, "all", value == UNKNOWN ? -1 : 0);
	put_counter(events, name, pid, events->start_ns, rate);
	put_counter(events, name, pid, events->end_ns, none);
}

static void put_process(struct events *events, const struct process_row *process)
{
	put_name(events, "process_name", process->pid, process->pid, process->comm);
	put_name(events, "thread_name", process->pid, process->pid, "intervals with faults");
	put_process_counter(events, process->pid, "faults/s", process->counts.faults);
	put_process_counter(events, process->pid, "zeroed bytes/s", process->counts.zeroed_bytes);
	if (process->counts.faults && process->counts.faults != UNKNOWN)
		put_slice(events, process->pid, process->pid, json_value_string(process->comm), &process->counts);
}

static void put_head(struct events *events)
{
	put_name(events, "process_name", ALL_PID, TRACK_RUN, ALL_NAME);
	put(events, json_pack("{s:s, s:s, s:i, s:i, s:{s:i}}", "ph", "M", "name", "process_sort_index", "pid", ALL_PID,
	                "tid", TRACK_RUN, "args", "sort_index", -1));
	put_name(events, "thread_name", ALL_PID, TRACK_RUN, "run");
	put_name(events, "thread_name", ALL_PID, TRACK_PART, "intervals");
}

static void put_part(struct events *events, const struct snapshot *snapshot)
{
	put_slice(
	    events, ALL_PID, TRACK_PART, json_sprintf("interval %u", snapshot->part.number), &snapshot->totals.counts);
	if (events->end_ns == events->start_ns)
		return;
	put_regions(events, snapshot);
	for (size_t i = 0; i < snapshot->process_count; i++)
		put_process(events, &snapshot->processes[i]);
}

/* The last part's counters end with it. */
static void put_whole(struct events *events, const struct snapshot *snapshot)
{
	json_t *faults = json_object(), *zeroed_bytes = json_object();

	for (enum region region = 0; region < REGION_COUNT; region++) {
		put_value(&faults, region_name(region), 0);
		put_value(&zeroed_bytes, region_name(region), 0);
	}
	put_counter(events, "faults/s", ALL_PID, events->end_ns, faults);
	put_counter(events, "zeroed bytes/s", ALL_PID, events->end_ns, zeroed_bytes);
	put_slice(events, ALL_PID, TRACK_RUN, json_value_string(snapshot->command ? snapshot->command[0] : "attached"),
	    &snapshot->totals.counts);
}

int output_trace_event(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	const struct part *part = &snapshot->part;
	struct events events = {.file = file, .first = part->first, .start_ns = part->start_ns, .end_ns = part->end_ns};

	(void)options;
	if (part->first)
		put_head(&events);
	if (part->number) {
		put_part(&events, snapshot);
	} else {
		put_whole(&events, snapshot);
		fputs("\n]\n", file);
	}
	return events.failed || ferror(file) || fflush(file) ? -1 : 0;
}
