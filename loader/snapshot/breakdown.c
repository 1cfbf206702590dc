/* SPDX-License-Identifier: MIT */
/*
 * Rows, sums, intervals. See breakdown.h.
 */
#include "snapshot/breakdown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL_95 1.959964

static const struct {
	const char *name, *description;
} classes[TIME_CLASS_COUNT] = {
    [TIME_ALLOCATOR] = {"allocator", "malloc, free and what is inside them"},
    [TIME_PROGRAM] = {"program", "the program's own code"},
    [TIME_LIBC] = {"libc", "the C library but malloc, and ld.so"},
    [TIME_LIBRARY] = {"library", "other libraries"},
    [TIME_VDSO] = {"vdso", "the kernel's code in user space"},
    [TIME_GENERATED] = {"generated", "code in anonymous memory (a JIT's)"},
    [TIME_USER_OTHER] = {"other-user", "user space, but it isn't known where"},
    [TIME_FAULT_ENTRY] = {"fault-entry", "into a page fault and back from it"},
    [TIME_ZEROING] = {"zeroing", "clearing pages"},
    [TIME_PAGE_TABLE] = {"page-table", "handling faults: page tables, accounts"},
    [TIME_PAGE_ALLOCATION] = {"page-allocation", "getting free pages, charging them"},
    [TIME_PAGE_COPY] = {"page-copy", "copying pages (copy-on-write)"},
    [TIME_TLB] = {"tlb-shootdown", "flushing TLBs, here and on other CPUs"},
    [TIME_MAPPING] = {"mapping-calls", "mmap, munmap, madvise, mprotect, brk .."},
    [TIME_PROCESS] = {"fork-exec-exit", "making, replacing, ending processes"},
    [TIME_SCHEDULER] = {"scheduler", "switching tasks and waking them"},
    [TIME_CALL_ENTRY] = {"call-entry", "into a system call and back from it"},
    [TIME_CALL] = {"system-calls", "all other system calls"},
    [TIME_INTERRUPT] = {"interrupts", "interrupts, whoever they were for"},
    [TIME_TRACING] = {"tracing", "this sampling, and others who trace"},
    [TIME_KERNEL_OTHER] = {"other-kernel", "nothing that the class table knows"},
};

const char *time_class_name(enum time_class time_class)
{
	return classes[time_class].name;
}

const char *time_class_description(enum time_class time_class)
{
	return classes[time_class].description;
}

bool time_class_is_user(enum time_class time_class)
{
	return time_class <= TIME_USER_OTHER;
}

struct share share_of(uint64_t samples, uint64_t total)
{
	double n = total, share = samples / n, z2 = NORMAL_95 * NORMAL_95 / n;
	double middle = (share + z2 / 2) / (1 + z2);
	double half = sqrt(z2 * share * (1 - share) + z2 * z2 / 4) / (1 + z2);

	if (!total)
		return (struct share){NAN, NAN, NAN};
	/* The formula's ends are exact at 0 and 1 but for rounding. */
	return (struct share){share, samples ? middle - half : 0, samples < total ? middle + half : 1};
}

int breakdown_add(
    struct breakdown *breakdown, enum time_class time_class, const char *function, const char *object, uint64_t samples)
{
	struct time_row *row, *more;

	for (size_t i = 0; i < breakdown->row_count; i++) {
		row = &breakdown->rows[i];
		if (row->class == time_class && !strcmp(row->function, function) && !strcmp(row->object, object)) {
			row->samples += samples;
			return 0;
		}
	}
	more = realloc(breakdown->rows, (breakdown->row_count + 1) * sizeof(*more));
	if (!more)
		return -1;
	breakdown->rows = more;
	row = &more[breakdown->row_count];
	*row = (struct time_row){time_class, strdup(function), strdup(object), samples};
	if (row->function && row->object) {
		breakdown->row_count++;
		return 0;
	}
	free(row->function);
	free(row->object);
	return -1;
}

int breakdown_limit(struct breakdown *breakdown, const char *text)
{
	size_t count = 0;
	char **more;

	for (; breakdown->limits && breakdown->limits[count]; count++)
		if (!strcmp(breakdown->limits[count], text))
			return 0;
	more = realloc(breakdown->limits, (count + 2) * sizeof(*more));
	if (!more)
		return -1;
	breakdown->limits = more;
	more[count] = strdup(text);
	more[count + 1] = NULL;
	return more[count] ? 0 : -1;
}

static int compare_rows(const void *left, const void *right)
{
	const struct time_row *a = left, *b = right;
	int order;

	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->samples != b->samples)
		return a->samples > b->samples ? -1 : 1;
	order = strcmp(a->function, b->function);
	return order ? order : strcmp(a->object, b->object);
}

/* Largest remainders: each share is rounded up or down to a permille, so that they add up to 1000. */
static void share_out(struct breakdown *breakdown)
{
	double rest[TIME_CLASS_COUNT];
	unsigned int given = 0;

	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
		double exact = 1000.0 * breakdown->classes[class].samples / breakdown->samples;

		breakdown->classes[class].permille = exact;
		rest[class] = exact - breakdown->classes[class].permille;
		given += breakdown->classes[class].permille;
	}
	for (; given < 1000; given++) {
		enum time_class most = 0;

		for (enum time_class class = 1; class < TIME_CLASS_COUNT; class ++)
			if (rest[class] > rest[most])
				most = class;
		breakdown->classes[most].permille++;
		rest[most] = -1;
	}
}

void breakdown_finish(struct breakdown *breakdown)
{
	if (breakdown->row_count)
		qsort(breakdown->rows, breakdown->row_count, sizeof(*breakdown->rows), compare_rows);
	breakdown->samples = 0;
	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
		breakdown->classes[class].samples = breakdown->classes[class].permille = 0;
	for (size_t i = 0; i < breakdown->row_count; i++) {
		breakdown->classes[breakdown->rows[i].class].samples += breakdown->rows[i].samples;
		breakdown->samples += breakdown->rows[i].samples;
	}
	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
		breakdown->classes[class].share = share_of(breakdown->classes[class].samples, breakdown->samples);
	if (breakdown->samples)
		share_out(breakdown);
}

bool breakdown_class_known(const struct breakdown *breakdown, enum time_class time_class)
{
	if (time_class_is_user(time_class) || breakdown->classes[time_class].samples)
		return true;
	if (time_class == TIME_KERNEL_OTHER)
		return breakdown->kernel_seen;
	return breakdown->kernel_known && (time_class != TIME_ZEROING || breakdown->zeroing_known);
}

uint64_t breakdown_user_samples(const struct breakdown *breakdown)
{
	uint64_t sum = 0;

	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
		if (time_class_is_user(class))
			sum += breakdown->classes[class].samples;
	return sum;
}

uint64_t breakdown_sample_ns(const struct breakdown *breakdown)
{
	return breakdown->event && !strcmp(breakdown->event, "cpu-clock") ? breakdown->period : UNKNOWN;
}

unsigned int breakdown_runs_for(const struct breakdown *breakdown, double half)
{
	double widest = 0, needed;

	if (!breakdown->samples || !breakdown->runs)
		return 0;
	for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++) {
		double share = breakdown->classes[class].share.value, variance = share * (1 - share);

		widest = variance > widest ? variance : widest;
	}
	needed = NORMAL_95 * NORMAL_95 * widest / (half * half);
	needed = ceil(needed / breakdown->samples * breakdown->runs);
	return needed > 1 ? needed : 1;
}

bool breakdown_split_agrees(const struct breakdown *breakdown, struct share *sampled, struct share *charged)
{
	uint64_t user = breakdown->user_ns, system = breakdown->system_ns, ticks;

	*sampled = share_of(breakdown->user_as_taken, breakdown->samples);
	*charged = (struct share){NAN, NAN, NAN};
	if (user == UNKNOWN || system == UNKNOWN || !(user + system))
		return true;
	/* Where ticks split the time, there are only so many of them. */
	ticks = breakdown->tick_ns ? (user + system) / breakdown->tick_ns : 0;
	charged->value = (double)user / (user + system);
	if (!ticks || !breakdown->samples)
		return true;
	*charged = share_of(charged->value * ticks + 0.5, ticks);
	charged->value = (double)user / (user + system);
	return sampled->low <= charged->high && charged->low <= sampled->high;
}

double breakdown_coverage(const struct breakdown *breakdown)
{
	uint64_t each = breakdown_sample_ns(breakdown), charged = breakdown->user_ns + breakdown->system_ns;

	if (each == UNKNOWN || !breakdown->kernel_seen || !charged)
		return NAN;
	return (double)(breakdown->samples * each) / charged;
}

void breakdown_compare_zeroing(struct breakdown *breakdown)
{
	struct zero_check *check = &breakdown->check;
	struct share sampled = breakdown->classes[TIME_ZEROING].share;
	double cpu_ns = breakdown->runs ? (double)(breakdown->user_ns + breakdown->system_ns) / breakdown->runs : 0;

	check->sample_ns_per_page = check->hook_ns_per_page = check->hook_share = check->cpu_ratio = NAN;
	check->agrees = false;
	if (!check->done || check->zero_ns == UNKNOWN || cpu_ns <= 0)
		return;
	check->hook_share = check->zero_ns / cpu_ns;
	check->cpu_ratio = check->cpu_ns / cpu_ns;
	if (check->zeroed_bytes && check->zeroed_bytes != UNKNOWN) {
		double pages = check->zeroed_bytes / 4096.0;

		check->hook_ns_per_page = check->zero_ns / pages;
		check->sample_ns_per_page = sampled.value * cpu_ns / pages;
	}
	/* The bound must not lie below the interval; an exact time must lie within it. */
	check->agrees = check->hook_share >= sampled.low && (check->upper_bound || check->hook_share <= sampled.high);
}

static void free_strings(char **strings)
{
	for (char **string = strings; string && *string; string++)
		free(*string);
	free(strings);
}

void breakdown_free(struct breakdown *breakdown)
{
	for (size_t i = 0; i < breakdown->row_count; i++) {
		free(breakdown->rows[i].function);
		free(breakdown->rows[i].object);
	}
	free(breakdown->rows);
	free(breakdown->kernel_release);
	free_strings(breakdown->command);
	free_strings(breakdown->limits);
	*breakdown = (struct breakdown){};
}
