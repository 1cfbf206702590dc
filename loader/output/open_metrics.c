// SPDX-License-Identifier: MIT
/* The families of metrics. See open_metrics.h; docs/metrics.md says what each is for. */
#include "output/open_metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "output/lines.h"
#include "output/metric_series.h"
#include "output/metric_text.h"
#include "output/output.h"
#include "output/text.h"

struct open_metrics_memory {
	pthread_mutex_t lock;
	struct metric_series series;
	struct metric_floors floors;
};

struct open_metrics_memory *open_metrics_memory_new(void)
{
	struct open_metrics_memory *memory = calloc(1, sizeof(*memory));

	if (memory)
		pthread_mutex_init(&memory->lock, NULL);
	return memory;
}

void open_metrics_memory_free(struct open_metrics_memory *memory)
{
	if (!memory)
		return;
	metric_series_free(&memory->series);
	metric_floors_free(&memory->floors);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

static const char *count_text(char text[24], uint64_t count)
{
	snprintf(text, 24, "%" PRIu64, count);
	return text;
}

/* --- what is traced, and how --- */

/* What was attached to, as options have it; NULL when out of memory. */
static char *attached_words(const struct attachment *to)
{
	char *words = NULL, *safe;
	size_t size = 0;
	FILE *file = open_memstream(&words, &size);

	if (!file)
		return NULL;
	if (to->all)
		fputs(" -a", file);
	for (size_t i = 0; i < to->pid_count; i++)
		fprintf(file, " -p %" PRIu32, to->pids[i]);
	for (char *const *name = to->names; name && *name; name++)
		fprintf(file, " --comm %s", *name);
	for (char *const *path = to->cgroups; path && *path; path++)
		fprintf(file, " --cgroup %s", *path);
	if (fclose(file)) {
		free(words);
		return NULL;
	}
	safe = text_printable(words + (words[0] == ' '));
	free(words);
	return safe;
}

static int write_target(struct metric_text *text, const struct snapshot *snapshot)
{
	static const struct metric build = {"build", NULL, "The program that has counted: its version.", METRIC_INFO};
	static const struct metric target = {"target", NULL,
	    "What is traced: a command line, or what was attached to, as options have it.", METRIC_INFO};
	static const struct metric kernel = {"kernel", NULL,
	    "The kernel that is traced on, and whether it zeroes every page that it allocates.", METRIC_INFO};
	static const char *const on_alloc[] = {"unknown", "off", "on"};
	char *words = snapshot->command ? lines_command(snapshot->command) : attached_words(&snapshot->attachment);

	if (!words)
		return -1;
	metric_info(text, &build, (struct label[]){{"version", HAKMEM_VERSION}, {}});
	metric_info(text, &target,
	    (struct label[]){{"kind", snapshot->command ? "command" : "attached"}, {"target", words}, {}});
	metric_info(text, &kernel,
	    (struct label[]){{"release", snapshot->kernel.release}, {"lockdown", snapshot->kernel.lockdown},
	        {"init_on_alloc",
	            on_alloc[snapshot->kernel.init_on_alloc < 0 ? 0 : 1 + snapshot->kernel.init_on_alloc]},
	        {}});
	free(words);
	return 0;
}

static void write_rungs(struct metric_text *text, const struct snapshot *snapshot)
{
	static const struct metric rung = {"rung", NULL,
	    "By which set of hooks each subject is measured, and how sure its figures are. What is not measured has "
	    "none.",
	    METRIC_INFO};
	static const struct metric measured = {
	    "measured", NULL, "1: the subject is measured here, 0: its figures have no series.", METRIC_GAUGE};
	char method[METHOD_TEXT];

	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++) {
		const struct hook *hook = &snapshot->kernel.hooks[subject];

		if (hook->name)
			metric_info(text, &rung,
			    (struct label[]){{"subject", subject_name(subject)}, {"rung", hook->rung},
			        {"hook", hook->name}, {"method", hook_method(hook, method)}, {}});
	}
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		metric_count(text, &measured, (struct label[]){{"subject", subject_name(subject)}, {}},
		    snapshot->kernel.hooks[subject].name != NULL);
}

/* --- regions --- */

struct count_metric {
	struct metric metric;
	size_t offset; /* in struct counts */
};

#define COUNT(field) offsetof(struct counts, field)

static uint64_t count_at(const struct counts *counts, size_t offset)
{
	return *(const uint64_t *)((const char *)counts + offset);
}

static const struct count_metric region_counts[] = {
    {{"faults", NULL, "Page faults that the kernel charged, populated ones included.", METRIC_COUNTER}, COUNT(faults)},
    {{"major_faults", NULL, "Of the faults, those that had to wait for storage.", METRIC_COUNTER}, COUNT(major)},
    {{"populated_faults", NULL, "Of the faults, those without an exception: MAP_POPULATE, mlock, and so on.",
         METRIC_COUNTER},
        COUNT(populated)},
    {{"failed_faults", NULL, "Faults that ended in SIGSEGV or SIGBUS: never charged, and not among the faults.",
         METRIC_COUNTER},
        COUNT(failed)},
    {{"zeroed_bytes", "bytes", "Memory that the kernel cleared; what is cleared twice counts twice.", METRIC_COUNTER},
        COUNT(zeroed_bytes)},
    {{"zeroed_twice_bytes", "bytes", "Of the zeroed bytes, those that the same fault had cleared before.",
         METRIC_COUNTER},
        COUNT(zeroed_twice_bytes)},
    {{"zero_events", NULL, "How often the kernel cleared memory, whatever its size.", METRIC_COUNTER},
        COUNT(zero_events)},
    {{"timed_faults", NULL, "Faults whose duration was measured: all that can be, or a random sample of them.",
         METRIC_COUNTER},
        COUNT(timed)},
};

static const struct count_metric region_seconds[] = {
    {{"timed_fault_seconds", "seconds", "Time in those faults whose duration was measured, and in no others.",
         METRIC_COUNTER},
        COUNT(timed_ns)},
    {{"fault_time_estimated_seconds", "seconds",
         "Time in all faults: exact where all were timed, else estimated from those that were. An estimate may go "
         "down.",
         METRIC_GAUGE},
        COUNT(fault_ns)},
    {{"fault_time_error_seconds", "seconds", "Half of the 95 % interval of the time in all faults.", METRIC_GAUGE},
        COUNT(fault_ns_error)},
    {{"zero_time_estimated_seconds", "seconds",
         "Time in which memory was cleared; hakmem_rung_info says how sure it is. An estimate may go down.",
         METRIC_GAUGE},
        COUNT(zero_ns)},
};

static void write_by_detail(struct metric_text *text, const struct metric_series *series,
    const struct count_metric *metrics, size_t count,
    void (*write)(struct metric_text *, const struct metric *, const struct label *, uint64_t))
{
	for (size_t m = 0; m < count; m++)
		for (size_t i = 0; i < series->region_count; i++) {
			const struct region_series *row = &series->regions[i];

			if (row->present)
				write(text, &metrics[m].metric,
				    (struct label[]){{"region", region_name(row->region)}, {"detail", row->detail}, {}},
				    count_at(&row->counts, metrics[m].offset));
		}
}

/* What would be too many series by detail. */
static void write_by_region(struct metric_text *text, const struct snapshot *snapshot)
{
	static const struct metric causes = {
	    "faults_by_cause", NULL, "Why faults happened; of each region these add up to its faults.", METRIC_COUNTER};
	static const struct metric seconds = {"fault_seconds", "seconds",
	    "Durations of the faults that were timed: all that can be, or a random sample, which hakmem_rung_info then "
	    "calls sampled. hakmem_faults_total counts all.",
	    METRIC_HISTOGRAM};
	static const struct metric unused = {"zeroed_unused_bytes", "bytes",
	    "Memory that was cleared, given back, and held nothing but zeroes even then: an estimate from a sample of "
	    "pages.",
	    METRIC_GAUGE};
	struct counts sums[REGION_COUNT] = {};
	bool there[REGION_COUNT] = {};

	for (size_t i = 0; i < snapshot->region_count; i++) {
		counts_add(&sums[snapshot->regions[i].region], &snapshot->regions[i].counts);
		there[snapshot->regions[i].region] = true;
	}
	for (enum region region = 0; region < REGION_COUNT; region++)
		for (int cause = 0; there[region] && cause < FAULT_CAUSE_COUNT; cause++)
			metric_count(text, &causes,
			    (struct label[]){{"region", region_name(region)}, {"cause", fault_cause_name(cause)}, {}},
			    sums[region].causes[cause]);
	for (enum region region = 0; region < REGION_COUNT; region++)
		if (there[region] && region != REGION_UNSEEN && sums[region].timed != UNKNOWN)
			metric_histogram(text, &seconds, (struct label[]){{"region", region_name(region)}, {}},
			    sums[region].histogram, sums[region].timed_ns);
	for (enum region region = 0; region < REGION_COUNT; region++)
		if (sums[region].waste.sampled != UNKNOWN && sums[region].waste.checked)
			metric_count(text, &unused, (struct label[]){{"region", region_name(region)}, {}},
			    sums[region].waste.bytes);
}

/* --- processes --- */

static void write_processes(struct metric_text *text, const struct metric_series *series)
{
	static const struct metric metrics[PROCESS_FIGURES] = {
	    [PROCESS_FAULTS] = {"process_faults", NULL, "Faults of the processes of a name and control group.",
	        METRIC_COUNTER},
	    [PROCESS_MAJOR] = {"process_major_faults", NULL, "Of these, those that had to wait for storage.",
	        METRIC_COUNTER},
	    [PROCESS_POPULATED] = {"process_populated_faults", NULL, "Of these, those without an exception.",
	        METRIC_COUNTER},
	    [PROCESS_ZEROED_BYTES] = {"process_zeroed_bytes", "bytes", "Memory that the kernel cleared for them.",
	        METRIC_COUNTER},
	    [PROCESS_ZERO_EVENTS] = {"process_zero_events", NULL, "How often it cleared.", METRIC_COUNTER},
	    [PROCESS_TIMED] = {"process_timed_faults", NULL, "Their faults whose duration was measured.",
	        METRIC_COUNTER},
	    [PROCESS_TIMED_NS] = {"process_timed_fault_seconds", "seconds",
	        "Time in those faults whose duration was measured, and in no others.", METRIC_COUNTER},
	};

	for (int figure = 0; figure < PROCESS_FIGURES; figure++)
		for (size_t i = 0; i < series->process_count; i++) {
			const struct process_series *row = &series->processes[i];
			char pid[24];
			struct label labels[] = {{"comm", row->comm}, {"cgroup", row->cgroup},
			    {"pid", row->pid ? count_text(pid, row->pid) : NULL}, {}};

			if (figure == PROCESS_TIMED_NS)
				metric_seconds(text, &metrics[figure], labels, row->figures[figure]);
			else
				metric_count(text, &metrics[figure], labels, row->figures[figure]);
		}
}

/* --- the run as a whole --- */

static void write_totals(struct metric_text *text, const struct snapshot *snapshot)
{
	static const struct metric charged = {"charged_faults", NULL,
	    "The kernel's own count of all traced tasks; the faults of all regions add up to it.", METRIC_COUNTER};
	static const struct metric lost = {"lost", NULL,
	    "What could not be accounted in full. tasks and events: counts may be too low; of the others detail is "
	    "lost.",
	    METRIC_COUNTER};
	static const struct metric skipped = {"skipped_clearings", NULL,
	    "Clearings of any task on the machine that the kernel may have skipped the hooks of.", METRIC_COUNTER};
	static const struct metric unallocated = {"unallocated_pages", NULL,
	    "Pages that traced tasks wrote first, of which no hook saw the allocation.", METRIC_COUNTER};

	metric_count(text, &charged, (struct label[]){{"kind", "minor"}, {}}, snapshot->totals.charged_minor);
	metric_count(text, &charged, (struct label[]){{"kind", "major"}, {}}, snapshot->totals.charged_major);
	for (enum lost_kind kind = 0; kind < LOST_COUNT; kind++)
		metric_count(
		    text, &lost, (struct label[]){{"kind", lost_name(kind)}, {}}, snapshot->totals.lost_by[kind]);
	metric_count(text, &skipped, NULL, snapshot->totals.skipped);
	metric_count(text, &unallocated, NULL, snapshot->totals.unallocated);
}

static void write_times(struct metric_text *text, const struct snapshot *snapshot, double budget)
{
	static const struct metric tracing = {
	    "tracing_seconds", "seconds", "How long tracing has gone on.", METRIC_COUNTER};
	static const struct metric traced = {
	    "traced_seconds", "seconds", "Time that all traced tasks spent on a processor.", METRIC_COUNTER};
	static const struct metric own = {"own_seconds", "seconds",
	    "How much of the traced tasks' time tracing has added: an estimate.", METRIC_COUNTER};
	static const struct metric share = {"overhead_budget_ratio", "ratio",
	    "What share of the traced tasks' time tracing is to add at most (--max-overhead).", METRIC_GAUGE};

	metric_seconds(text, &tracing, NULL, snapshot->wall_ns);
	metric_seconds(text, &traced, NULL, snapshot->totals.traced_ns);
	metric_seconds(text, &own, NULL, snapshot->totals.own_ns);
	if (budget > 0)
		metric_ratio(text, &share, NULL, budget);
}

static int write_all(FILE *file, const struct snapshot *snapshot, const struct open_metrics_options *options,
    struct open_metrics_memory *memory)
{
	struct metric_text text;
	int failed;

	if (metric_series_add(
	        &memory->series, snapshot, options->series ? options->series : OPEN_METRICS_SERIES, options->pids) ||
	    metric_begin(&text, file, options->classic, &memory->floors))
		return -1;
	failed = write_target(&text, snapshot);
	write_rungs(&text, snapshot);
	write_by_detail(
	    &text, &memory->series, region_counts, sizeof(region_counts) / sizeof(region_counts[0]), metric_count);
	write_by_detail(
	    &text, &memory->series, region_seconds, sizeof(region_seconds) / sizeof(region_seconds[0]), metric_seconds);
	write_by_region(&text, snapshot);
	write_processes(&text, &memory->series);
	write_totals(&text, snapshot);
	write_times(&text, snapshot, options->budget);
	return metric_end(&text) || failed ? -1 : 0;
}

int open_metrics_write(FILE *file, const struct snapshot *snapshot, const struct open_metrics_options *options)
{
	struct open_metrics_memory *memory = options->memory ? options->memory : open_metrics_memory_new();
	int result;

	if (!memory)
		return -1;
	pthread_mutex_lock(&memory->lock);
	result = write_all(file, snapshot, options, memory);
	pthread_mutex_unlock(&memory->lock);
	if (memory != options->memory)
		open_metrics_memory_free(memory);
	return result;
}

int output_open_metrics(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	return open_metrics_write(file, snapshot,
	    &(struct open_metrics_options){.series = options->metrics_series, .pids = options->metrics_pids});
}

int output_prometheus(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	return open_metrics_write(file, snapshot,
	    &(struct open_metrics_options){
	        .series = options->metrics_series, .pids = options->metrics_pids, .classic = true});
}

bool open_metrics_accepted(const char *accept)
{
	return accept && strstr(accept, "application/openmetrics-text");
}

const char *open_metrics_content_type(bool classic)
{
	return classic ? "text/plain; version=0.0.4; charset=utf-8"
	               : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}
