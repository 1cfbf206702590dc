/* SPDX-License-Identifier: MIT */
/*
 * Outputs: a snapshot in, bytes out. A new one is one file here and one row in output.c.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "snapshot/snapshot.h"
#include "snapshot/stack_value.h"

/* What the user can choose of an output. All zeroes are the defaults. */
struct output_options {
	enum stack_value value; /* --value: what outputs show that show one figure a stack; the order of rows */
	bool ordered;           /* --by: there are rows to be put in order by it, whatever the output */
	size_t metrics_series;  /* --metrics-series; 0: the default */
	bool metrics_pids;      /* --metrics-pids */
	size_t top; /* --top: at most so many rows of stacks, functions, ...; 0: as many as suit the output */
};

/* What an output makes of the reports of a run in parts (--interval). */
enum output_parts {
	PARTS_EACH,   /* one follows the other */
	PARTS_NONE,   /* it has room for one report */
	PARTS_WANTED, /* it shows what happens over time: without parts there is nothing to show */
};

struct output {
	const char *name; /* as --format has it */
	const char *help;
	/* 0, or -1 with errno set; doesn't close the file */
	int (*write)(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
	bool needs_stacks; /* shows stacks only, and is called with a snapshot that has some */
	bool takes_value;  /* of struct output_options */
	bool binary;       /* nothing for a terminal */
	enum output_parts parts;
};

extern const struct output outputs[]; /* ends with a row whose name is NULL; the first is the default */

const struct output *output_find(const char *name); /* NULL when there is none of that name */

/* What the snapshot lacks that this output needs, as the end of a line for the user; NULL: nothing. */
const char *output_lacks(
    const struct output *output, const struct output_options *options, const struct snapshot *snapshot);

int output_table(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
/* The table in two pieces, between which other lines may come: its head and answer with a blank line, then its rows. */
void table_head(const struct snapshot *snapshot, FILE *file);
int table_body(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_json(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_csv(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_folded(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_speedscope(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_pprof(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_trace_event(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_open_metrics(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_prometheus(const struct snapshot *snapshot, const struct output_options *options, FILE *file);
int output_flame(const struct snapshot *snapshot, const struct output_options *options, FILE *file);

#endif
