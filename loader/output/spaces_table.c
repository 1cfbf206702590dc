// SPDX-License-Identifier: MIT
/* Address spaces to read: a process, its ranges with a strip of how touched they are, its SuperSlabs of how full. */
#include <inttypes.h>
#include <stdlib.h>

#include "output/columns.h"
#include "output/decision_text.h"
#include "output/spaces_output.h"
#include "output/spaces_strip.h"
#include "output/style.h"
#include "output/text.h"

const struct spaces_output spaces_outputs[] = {
    {"table", spaces_table},
    {"json", spaces_json},
    {NULL, NULL},
};

static void row(const struct spaces_range *range, FILE *file)
{
	fprintf(file, "%14" PRIx64 "  %9s %9s %5s  ", range->start, figure_bytes(range->bytes).text,
	    figure_bytes(range->resident_bytes).text, figure_share(range->resident_bytes, range->bytes).text);
	columns_cell(region_name(range->region), 9, file);
	fputs("  ", file);
	columns_cell(range->detail ? range->detail : "", 14, file);
	fputs("  ", file);
	for (size_t i = 0; i < spaces_range_parts(range); i++)
		fputs(strip_level(range->parts[i], range->part_bytes), file);
	fputc('\n', file);
}

/* What its slabs hold, and how full those are of which it is known. */
static void super_slab(const struct spaces_range *range, FILE *file)
{
	size_t holding[SLAB_HOLDS_METADATA + 1] = {}, known = 0;
	char text[64], full[32] = "";
	double sum = 0;

	for (size_t i = 0; i < SPACES_SLABS; i++) {
		const struct spaces_slab *slab = &range->slabs[i];

		holding[slab->holds]++;
		if (slab->blocks && slab->used != UNKNOWN) {
			known++;
			sum += (double)slab->used / slab->blocks;
		}
	}
	if (known)
		snprintf(full, sizeof(full), ", %.0f %% full", 100 * sum / known);
	if (holding[SLAB_HOLDS_PAGES])
		snprintf(text, sizeof(text), "medium blocks%s", full);
	else
		snprintf(text, sizeof(text), "%zu slabs of 32 hold blocks%s", holding[SLAB_HOLDS_BLOCKS], full);
	fprintf(file, "%14s  %-46s  full    ", "", text);
	for (size_t i = 0; i < SPACES_SLABS; i++)
		fputs(strip_slab_full(range, i), file);
	fputc('\n', file);
}

static void decisions(const struct decisions *decisions, FILE *file)
{
	char text[DECISION_TEXT];

	for (size_t i = 0; i < decisions->count; i++) {
		decision_text(&decisions->list[i], text);
		fprintf(file, "  %s\n", text);
	}
}

static void one(const struct spaces_process *process, FILE *file)
{
	char *comm = text_printable(process->comm ? process->comm : "");

	style_begin(STYLE_MAIN, file);
	fprintf(file, "%s %u: %s resident of %s mapped", comm ? comm : "", process->pid,
	    figure_bytes(process->resident_bytes).text, figure_bytes(process->bytes).text);
	style_end(file);
	fputc('\n', file);
	free(comm);
	if (process->cannot) {
		style_begin(STYLE_WARN, file);
		fprintf(file, "  not all is known: %s", process->cannot);
		style_end(file);
		fputc('\n', file);
	}
	if (!process->range_count)
		return;
	style_begin(STYLE_HEAD, file);
	fprintf(file, "%14s  %9s %9s %5s  %-9s  %-14s  %s", "START", "BYTES", "RESIDENT", "%", "REGION", "DETAIL",
	    "TOUCHED");
	style_end(file);
	fputc('\n', file);
	for (size_t i = 0; i < process->range_count; i++) {
		row(&process->ranges[i], file);
		if (process->ranges[i].slabs)
			super_slab(&process->ranges[i], file);
	}
	if (process->others.ranges)
		fprintf(file, "%14s  %9s %9s        %" PRIu64 " smaller ranges\n", "others",
		    figure_bytes(process->others.bytes).text, figure_bytes(process->others.resident_bytes).text,
		    process->others.ranges);
	decisions(&process->decisions, file);
}

int spaces_table(const struct spaces *spaces, FILE *file)
{
	for (size_t i = 0; i < spaces->process_count; i++) {
		if (i)
			fputc('\n', file);
		one(&spaces->processes[i], file);
	}
	if (spaces->other_processes)
		fprintf(file, "\nand %s smaller processes, with %s resident\n",
		    figure_plain(spaces->other_processes).text, figure_bytes(spaces->other_resident_bytes).text);
	return ferror(file) ? -1 : 0;
}
