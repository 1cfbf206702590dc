// SPDX-License-Identifier: MIT
/* Options that say how to read, one clear line for each way to get them wrong, and what follows from them. */
#include "command/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/options.h"
#include "output/groups_output.h"

#define METRICS_SERIES_MOST 10000

void view_help(void)
{
	puts("      --by WHAT        rows by region, detail, stack, function, file or line (of source),\n"
	     "                       process, or time (each --interval a row)\n"
	     "      --top N          at most N rows of these\n"
	     "      --region REGION  only this region; may be given several times, as all of these:\n"
	     "      --detail NAME    only details of this name; * and ? stand for any characters\n"
	     "      --process NAME|PID  only these processes\n"
	     "      --function TEXT  only call stacks with a function that has TEXT in its name\n"
	     "      --phase NAME     only this part of the run: 'before main', main, a mark\n"
	     "      --metrics-series N  of metrics: series for so many regions with details and so many names of\n"
	     "                       processes (default 200), the rest is summed up\n"
	     "      --metrics-pids   a series for each process, and not for all of a name\n"
	     "      --color WHEN     auto (on a terminal, unless NO_COLOR is set), always or never");
}

static int unknown(const char *what, const char *known)
{
	complain("%s '%s'; there are %s", what, optarg, known);
	return EXIT_USAGE;
}

static int take_by(struct view *view, struct output_options *options)
{
	view->by = grouping_find(optarg);
	view->grouped = options->ordered = true;
	view->filter.rows_of_processes = view->by == GROUP_PROCESS;
	if (view->by < GROUP_COUNT)
		return -1;
	return unknown("there are no rows by", "region, detail, stack, function, file, line, process and time");
}

static int take_number(const char *option, const char *of, unsigned long most, size_t *into)
{
	char *end;
	unsigned long number = strtoul(optarg, &end, 10);

	if (*optarg < '0' || *optarg > '9' || *end || !number || number > most) {
		complain("%s wants a number of %s, 1 %s, not '%s'", option, of,
		    most == METRICS_SERIES_MOST ? "to 10000" : "or more", optarg);
		return EXIT_USAGE;
	}
	*into = number;
	return -1;
}

static int take_region(struct filter *filter)
{
	for (enum region region = 0; region < REGION_COUNT; region++)
		if (!strcmp(optarg, region_name(region))) {
			filter->regions |= 1u << region;
			return -1;
		}
	return unknown(
	    "there is no region", "allocator, tls, stack, libc, program, library, file, anon, kernel and unseen");
}

static int take_pattern(const char *option, struct patterns *patterns)
{
	if (!*optarg)
		complain("%s wants a name", option);
	else if (patterns_add(patterns, optarg))
		complain("%s can be given %d times at most", option, MOST_PATTERNS);
	else
		return -1;
	return EXIT_USAGE;
}

static int take_color(struct view *view)
{
	if (!strcmp(optarg, "auto"))
		view->colours = COLOURS_AUTO;
	else if (!strcmp(optarg, "always"))
		view->colours = COLOURS_ALWAYS;
	else if (!strcmp(optarg, "never"))
		view->colours = COLOURS_NEVER;
	else
		return unknown("there is no --color", "auto, always and never");
	return -1;
}

int view_take(int option, struct view *view, struct output_options *options)
{
	switch (option) {
	case OPTION_BY:
		return take_by(view, options);
	case OPTION_TOP:
		return take_number("--top", "rows", INT32_MAX, &options->top);
	case OPTION_METRICS_SERIES:
		return take_number("--metrics-series", "rows", METRICS_SERIES_MOST, &options->metrics_series);
	case OPTION_METRICS_PIDS:
		options->metrics_pids = true;
		return -1;
	case OPTION_REGION:
		return take_region(&view->filter);
	case OPTION_DETAIL:
		return take_pattern("--detail", &view->filter.details);
	case OPTION_PROCESS:
		return take_pattern("--process", &view->filter.processes);
	case OPTION_FUNCTION:
		return take_pattern("--function", &view->filter.functions);
	case OPTION_PHASE:
		return take_pattern("--phase", &view->filter.phases);
	case OPTION_COLOR:
		return take_color(view);
	}
	return -2;
}

int view_check(const struct view *view, const struct output *output, const struct output_options *options, bool stacks,
    bool in_parts)
{
	const struct filter *filter = &view->filter;

	if (view->grouped && !groups_output_find(output->name))
		complain("--by has rows, and --format %s none: use table, json or csv", output->name);
	else if (view->grouped && grouping_needs_stacks(view->by) && !stacks)
		complain("--by %s is known from call stacks: it needs --stacks", grouping_name(view->by));
	else if (view->grouped && view->by == GROUP_TIME && !in_parts)
		complain("--by time has a row for each interval: it needs --interval");
	else if (view->grouped && view->by != GROUP_TIME && in_parts)
		complain("with --interval there are no rows by %s", grouping_name(view->by));
	else if (filter->functions.count && !stacks)
		complain("--function is known from call stacks: it needs --stacks");
	else if (filter->processes.count && !stacks && !(view->grouped && view->by == GROUP_PROCESS))
		complain("--process needs --stacks, which know both process and region, or --by process");
	else if (filter_conflict(filter))
		complain("%s", filter_conflict(filter));
	else if (options->top && !view->grouped && strcmp(output->name, "table") != 0)
		complain("--top is for rows of --by, and for the table");
	else
		return -1;
	return EXIT_USAGE;
}

const char *view_problem(const struct view *view, const struct snapshot *snapshot)
{
	if (view->grouped && grouping_needs_stacks(view->by) && !snapshot->stacks)
		return "it has no call stacks, from which such rows are made: trace with --stacks";
	return filter_problem(&view->filter, snapshot);
}

/* A misspelt phase leaves nothing of a run that may have taken long, so it is a remark and no error. */
void view_remark(const struct view *view, const struct snapshot *snapshot)
{
	char names[512] = "none";
	size_t used = 0;

	if (!view->filter.phases.count || snapshot->in_parts)
		return;
	for (size_t i = 0; i < snapshot->phase_count && used < sizeof(names); i++) {
		if (patterns_fit(&view->filter.phases, snapshot->phases[i].name))
			return;
		used += snprintf(names + used, sizeof(names) - used, "%s'%s'", i ? ", " : "", snapshot->phases[i].name);
	}
	complain("no phase has the name that --phase asks for: there are %s", names);
}

int view_filter(const struct view *view, struct snapshot *snapshot)
{
	return filter_apply(&view->filter, snapshot);
}

int view_write_rows(const struct view *view, const struct output *output, const struct output_options *options,
    const struct snapshot *whole, struct snapshot *const *slices, size_t slice_count, FILE *file)
{
	const struct groups_output *rows = groups_output_find(output->name);
	struct groups *groups = view->by == GROUP_TIME ? group_slices(slices, slice_count)
	                                               : group_snapshot(whole, view->by, options->value);
	int failed;

	if (!groups) {
		errno = ENOMEM;
		return -1;
	}
	failed = rows->write(groups, whole, options, file);
	groups_free(groups);
	return failed;
}

bool view_coloured(const struct view *view, int descriptor)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (view->colours != COLOURS_AUTO)
		return view->colours == COLOURS_ALWAYS;
	return !(no_color && *no_color) && !(terminal && !strcmp(terminal, "dumb")) && isatty(descriptor);
}
