// SPDX-License-Identifier: MIT
#include "analysis/miss_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FEW         100 /* with fewer samples, shares are noise */
#define SHOWN_PARTS 4
#define LINE        100

/* What a figure counts, in a sentence. */
static const struct {
	enum miss_figure figure;
	const char *modelled, *sampled;
} subjects[] = {
    {MISS_TLB_FIRST, "modelled first-level dTLB misses", "sampled first-level dTLB misses"},
    {MISS_TLB_LAST, "modelled page walks (no TLB had the page)", "sampled page walks (no TLB had the page)"},
    {MISS_CACHE_FIRST, "modelled L1 data cache misses", "sampled L1 data cache misses"},
};

struct share {
	const char *name;
	uint64_t count;
};

static int compare(const void *left, const void *right)
{
	const struct share *a = left, *b = right;

	return a->count < b->count ? 1 : a->count > b->count ? -1 : 0;
}

static uint64_t sum(const struct miss_event *event, enum region region, bool superslabs, enum miss_figure figure)
{
	uint64_t figures[MISS_FIGURES];

	miss_event_sum(event, region, superslabs, figures);
	return figures[figure] == UNKNOWN ? 0 : figures[figure];
}

/* The allocator's is split: in SuperSlabs, and the rest of it. */
static size_t find_parts(const struct miss_event *event, enum miss_figure figure, struct share parts[REGION_COUNT + 1])
{
	static const char *const names[REGION_COUNT] = {
	    [REGION_ALLOCATOR] = "the allocator's other memory",
	    [REGION_TLS] = "thread-local storage",
	    [REGION_STACK] = "stacks",
	    [REGION_LIBC] = "libc's memory",
	    [REGION_PROGRAM] = "the program's own data",
	    [REGION_LIBRARY] = "libraries",
	    [REGION_FILE] = "files",
	    [REGION_ANON] = "other anonymous memory",
	    [REGION_KERNEL] = "the kernel",
	    [REGION_UNSEEN] = "memory that is not known",
	};
	size_t count = 0;

	for (enum region region = 0; region < REGION_COUNT; region++) {
		uint64_t superslabs = region == REGION_ALLOCATOR ? sum(event, region, true, figure) : 0;
		uint64_t rest = sum(event, region, false, figure) - superslabs;

		if (rest && rest >= event->totals[figure] / 1000)
			parts[count++] = (struct share){names[region], rest};
	}
	qsort(parts, count, sizeof(parts[0]), compare);
	return count;
}

static void write_subject(const struct miss_event *event, enum miss_figure figure, const char *name, FILE *file)
{
	uint64_t all = event->totals[figure], superslabs = sum(event, REGION_ALLOCATOR, true, figure);
	struct share parts[REGION_COUNT + 1];
	size_t count = find_parts(event, figure, parts);

	fprintf(
	    file, "Of the %" PRIu64 " %s, %.1f %% are in libhakmem's SuperSlabs", all, name, 100.0 * superslabs / all);
	for (size_t i = 0; i < count && i < SHOWN_PARTS; i++)
		fprintf(file, ", %.1f %% in %s", 100.0 * parts[i].count / all, parts[i].name);
	fputs(all < FEW ? "; so few mean little. " : ". ", file);
}

static void write_sentences(const struct misses *misses, const struct miss_event *event, FILE *file)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		uint64_t all = event->totals[subjects[i].figure];

		if (!all || all == UNKNOWN)
			continue;
		write_subject(
		    event, subjects[i].figure, misses->modelled ? subjects[i].modelled : subjects[i].sampled, file);
		any = true;
	}
	if (!any)
		write_subject(event, MISS_ACCESSES, misses->modelled ? "accesses" : "samples", file);
	if (event->unsure)
		fprintf(file, "The attribution of %.1f %% of the %s is unsure.",
		    100.0 * event->unsure / event->totals[MISS_ACCESSES], misses->modelled ? "accesses" : "samples");
}

static void write_wrapped(const char *text, FILE *file)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column && column + 1 + length > LINE) {
			fputc('\n', file);
			column = 0;
		}
		column += fprintf(file, "%s%.*s", column ? " " : "", (int)length, text);
		text += length + (text[length] == ' ');
	}
	fputc('\n', file);
}

void miss_words_write(const struct misses *misses, FILE *file)
{
	for (size_t i = 0; i < misses->event_count; i++) {
		const struct miss_event *event = &misses->events[i];
		char *text = NULL;
		size_t size = 0;
		FILE *memory;

		if (!event->totals[MISS_ACCESSES])
			continue;
		memory = open_memstream(&text, &size);
		if (!memory)
			return;
		fprintf(memory, "In words (%s): ", misses->modelled ? "of the model" : event->name);
		write_sentences(misses, event, memory);
		fclose(memory);
		fputc('\n', file);
		write_wrapped(text, file);
		free(text);
	}
}
