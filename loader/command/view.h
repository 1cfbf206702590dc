/* SPDX-License-Identifier: MIT */
/*
 * How somebody wants to read a report: rows by what, how many, which part of the run, colours. The same options for
 * every command that reports a run, live or from a file. Statuses are as options_parse() has them.
 */
#ifndef VIEW_H
#define VIEW_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "output/output.h"
#include "snapshot/filter.h"
#include "snapshot/group.h"

enum colours {
	COLOURS_AUTO, /* on a terminal, unless NO_COLOR says otherwise */
	COLOURS_ALWAYS,
	COLOURS_NEVER,
};

struct view {
	bool grouped; /* --by */
	enum grouping by;
	struct filter filter;
	enum colours colours;
};

enum {
	OPTION_BY = 1024,
	OPTION_TOP,
	OPTION_REGION,
	OPTION_DETAIL,
	OPTION_PROCESS,
	OPTION_FUNCTION,
	OPTION_PHASE,
	OPTION_COLOR,
	OPTION_METRICS_SERIES,
	OPTION_METRICS_PIDS,
};

/* For a table of long options. */
#define VIEW_OPTIONS                                                                                                   \
	{"by", required_argument, NULL, OPTION_BY}, {"top", required_argument, NULL, OPTION_TOP},                      \
	    {"region", required_argument, NULL, OPTION_REGION}, {"detail", required_argument, NULL, OPTION_DETAIL},    \
	    {"process", required_argument, NULL, OPTION_PROCESS},                                                      \
	    {"function", required_argument, NULL, OPTION_FUNCTION}, {"phase", required_argument, NULL, OPTION_PHASE},  \
	    {"metrics-series", required_argument, NULL, OPTION_METRICS_SERIES},                                        \
	    {"metrics-pids", no_argument, NULL, OPTION_METRICS_PIDS},                                                  \
	    {"color", required_argument, NULL, OPTION_COLOR},                                                          \
	{                                                                                                              \
		"colour", required_argument, NULL, OPTION_COLOR                                                        \
	}

/* Their help. */
void view_help(void);

/* One of them, with getopt's optarg. -1: taken; -2: it is none of them; else the status to exit with. */
int view_take(int option, struct view *view, struct output_options *options);

/* What does not go together, as far as it can be told before there is a snapshot. `stacks`: there will be some. */
int view_check(const struct view *view, const struct output *output, const struct output_options *options, bool stacks,
    bool in_parts);

/* Why that snapshot can't be read so, in words; NULL: it can. */
const char *view_problem(const struct view *view, const struct snapshot *snapshot);

/* Say on stderr what of it leaves nothing of this run. */
void view_remark(const struct view *view, const struct snapshot *snapshot);

/* Only a part of the run stays. 0, or -1 when out of memory. */
int view_filter(const struct view *view, struct snapshot *snapshot);

/* The rows of --by, of the whole or (by time) of its slices. 0, or -1 with errno set. */
int view_write_rows(const struct view *view, const struct output *output, const struct output_options *options,
    const struct snapshot *whole, struct snapshot *const *slices, size_t slice_count, FILE *file);

/* Whether what is written to that descriptor shall have colours. */
bool view_coloured(const struct view *view, int descriptor);

#endif
