// SPDX-License-Identifier: MIT
/* getopt, and one clear line for each way to get it wrong. */
#include "command/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/live.h"
#include "command/live_options.h"
#include "command/output_choice.h"
#include "command/parse.h"
#include "command/record_options.h"

static int unknown_rung(const char *name)
{
	char list[128] = "";

	for (size_t i = 0; i < rung_count; i++) {
		strncat(list, i ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, rungs[i].name, sizeof(list) - strlen(list) - 1);
	}
	complain("there is no rung '%s'; there are %s", name, list);
	return EXIT_USAGE;
}

static int mark_function(struct options *options, const char *name)
{
	if (!*name || name[strlen(name) - 1] == ':') {
		complain("'%s' names no function: --mark-function [FILE:]FUNCTION", name);
		return EXIT_USAGE;
	}
	if (options->mark_functions == MARK_FUNCTIONS) {
		complain("--mark-function can be given %d times at most", MARK_FUNCTIONS);
		return EXIT_USAGE;
	}
	options->mark_function[options->mark_functions++] = name;
	return -1;
}

static int require(struct demand *demand, const char *text)
{
	const char *problem = demand_parse(demand, text);

	if (!problem)
		return -1;
	complain("can't require '%s': %s", text, problem);
	return EXIT_USAGE;
}

static int max_overhead(struct options *options, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || *end || !(percent >= 0) || percent > 1e6) {
		complain(
		    "--max-overhead takes a percentage such as 3, or 0 to measure no times at all, not '%s'", text);
		return EXIT_USAGE;
	}
	options->max_overhead = percent / 100;
	return -1;
}

static int set_variable(struct options *options, char *text)
{
	if (!strchr(text, '=') || *text == '=') {
		complain("--env wants NAME=VALUE, not '%s'", text);
		return EXIT_USAGE;
	}
	if (options->environment_count == MOST_VARIABLES) {
		complain("--env can be given %d times at most", MOST_VARIABLES);
		return EXIT_USAGE;
	}
	options->environment[options->environment_count++] = text;
	return -1;
}

enum {
	OPTION_FORMAT = 256,
	OPTION_VALUE,
	OPTION_PRELOAD,
	OPTION_RUNG,
	OPTION_REQUIRE,
	OPTION_MAX_OVERHEAD,
	OPTION_MARK_FUNCTION,
	OPTION_AS_ROOT,
	OPTION_VERSION,
	OPTION_COMM,
	OPTION_CGROUP,
	OPTION_DURATION,
	OPTION_INTERVAL,
	OPTION_CHILDREN,
	OPTION_NO_CHILDREN,
	OPTION_NO_ZEROING,
	OPTION_ENV,
	OPTION_STACKS,
	OPTION_CALL_GRAPH,
	OPTION_KERNEL_STACKS,
	OPTION_ALLOC_SITES,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"value", required_argument, NULL, OPTION_VALUE},
    {"pid", required_argument, NULL, 'p'},
    {"comm", required_argument, NULL, OPTION_COMM},
    {"cgroup", required_argument, NULL, OPTION_CGROUP},
    {"all", no_argument, NULL, 'a'},
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"children", no_argument, NULL, OPTION_CHILDREN},
    {"no-children", no_argument, NULL, OPTION_NO_CHILDREN},
    {"preload", required_argument, NULL, OPTION_PRELOAD},
    {"env", required_argument, NULL, OPTION_ENV},
    {"rung", required_argument, NULL, OPTION_RUNG},
    {"require", required_argument, NULL, OPTION_REQUIRE},
    {"max-overhead", required_argument, NULL, OPTION_MAX_OVERHEAD},
    {"no-zeroing", no_argument, NULL, OPTION_NO_ZEROING},
    {"stacks", optional_argument, NULL, OPTION_STACKS},
    {"call-graph", required_argument, NULL, OPTION_CALL_GRAPH},
    {"kernel-stacks", no_argument, NULL, OPTION_KERNEL_STACKS},
    {"alloc-sites", no_argument, NULL, OPTION_ALLOC_SITES},
    {"append", no_argument, NULL, OPTION_APPEND},
    {"report", required_argument, NULL, OPTION_REPORT},
    {"slice", required_argument, NULL, OPTION_SLICE},
    {"mark-function", required_argument, NULL, OPTION_MARK_FUNCTION},
    {"as-root", no_argument, NULL, OPTION_AS_ROOT},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    VIEW_OPTIONS,
    LIVE_OPTIONS,
    {},
};

static int bad_value(const char *option, const char *must)
{
	complain("%s '%s': %s", option, optarg, must);
	return EXIT_USAGE;
}

static int take_time(const char *option, uint64_t *time_ns)
{
	return parse_seconds(optarg, time_ns) ? bad_value(option, "seconds are wanted, more than 0") : -1;
}

static int take_wanted(const char *option, const char **list, size_t *count)
{
	if (!*optarg)
		return bad_value(option, "a name is wanted");
	if (*count == MOST_WANTED)
		return bad_value(option, "there are too many");
	list[(*count)++] = optarg;
	return -1;
}

/* What to trace, and for how long. -2: it is none of these. */
static int take_target(int option, struct options *options)
{
	struct wanted *wanted = &options->wanted;

	switch (option) {
	case 'p':
		if (parse_pids(optarg, wanted->pids, MOST_PIDS, &wanted->pid_count))
			return bad_value("-p", "process ids with commas between them are wanted, at most 256");
		return -1;
	case OPTION_COMM:
		return take_wanted("--comm", wanted->names, &wanted->name_count);
	case OPTION_CGROUP:
		return take_wanted("--cgroup", wanted->cgroups, &wanted->cgroup_count);
	case 'a':
		wanted->all = true;
		return -1;
	case OPTION_DURATION:
		return take_time("--duration", &options->duration_ns);
	case OPTION_INTERVAL:
		return take_time("--interval", &options->interval_ns);
	case OPTION_CHILDREN:
	case OPTION_NO_CHILDREN:
		options->only_itself = option == OPTION_NO_CHILDREN;
		return -1;
	}
	return -2;
}

static const char *subcommand(const struct options *options)
{
	if (options->live)
		return options->live->view->name;
	return options->recording.wanted ? "record" : NULL;
}

static int take(int option, char **arguments, struct options *options)
{
	switch (option) {
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FORMAT:
		return output_choice_format(optarg, &options->output);
	case OPTION_VALUE:
		return output_choice_value(optarg, &options->output_options);
	case OPTION_PRELOAD:
		options->preload = optarg;
		return -1;
	case OPTION_ENV:
		return set_variable(options, optarg);
	case OPTION_RUNG:
		if (!rung_find(optarg))
			return unknown_rung(optarg);
		demand_rung(&options->demand, rung_find(optarg));
		return -1;
	case OPTION_REQUIRE:
		return require(&options->demand, optarg);
	case OPTION_MAX_OVERHEAD:
		return max_overhead(options, optarg);
	case OPTION_NO_ZEROING:
		options->demand.no_zeroing = true;
		return -1;
	case OPTION_STACKS:
		return stack_options_stacks(&options->stacks, optarg);
	case OPTION_CALL_GRAPH:
		return stack_options_call_graph(&options->stacks, optarg);
	case OPTION_KERNEL_STACKS:
		options->stacks.wish.kernel = true;
		return -1;
	case OPTION_ALLOC_SITES:
		options->stacks.wish.sites = true;
		return -1;
	case OPTION_MARK_FUNCTION:
		return mark_function(options, optarg);
	case OPTION_AS_ROOT:
		options->as_root = true;
		return -1;
	case 'v':
		options->verbose = true;
		return -1;
	case OPTION_VERSION:
		puts("hakmem-trace " HAKMEM_VERSION);
		return 0;
	case 'h':
		if (options->recording.wanted)
			record_help();
		else if (options->live)
			options->live->view->help();
		else
			options_help();
		return 0;
	default:
		complain_option(subcommand(options), option, arguments);
		return EXIT_USAGE;
	}
}

bool options_attach(const struct options *options)
{
	const struct wanted *wanted = &options->wanted;

	return wanted->pid_count || wanted->name_count || wanted->cgroup_count || wanted->all;
}

static int check_attach(const struct options *options, int count)
{
	const struct wanted *wanted = &options->wanted;

	if (optind < count)
		complain("-p, --comm, --cgroup and -a attach to what runs already: they take no command");
	else if (wanted->all && (wanted->pid_count || wanted->name_count || wanted->cgroup_count))
		complain("-a is every process: -p, --comm and --cgroup add nothing to it");
	else if (options->preload)
		complain("--preload is for a command: nothing can be preloaded into what runs already");
	else if (options->as_root)
		complain("--as-root is for a command");
	else if (options->environment_count)
		complain("--env is for a command");
	else
		return -1;
	return EXIT_USAGE;
}

static int parse(int count, char **arguments, struct options *options)
{
	int option, status;
	bool in_parts;

	opterr = 0;
	/* The command's own options are the command's: stop at the first word that isn't ours. */
	while ((option = getopt_long(count, arguments, "+:o:p:avh", long_options, NULL)) != -1) {
		status = take_target(option, options);
		if (status < -1)
			status = view_take(option, &options->view, &options->output_options);
		if (status < -1)
			status = record_take(option, options);
		if (status < -1)
			status = live_take(option, options);
		if (status < -1)
			status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	if (options->demand.no_zeroing && options->demand.zeroing_required) {
		complain("--no-zeroing leaves out what --require asks for: give one of them");
		return EXIT_USAGE;
	}
	status = record_check(options);
	if (status < 0)
		status = live_check(options);
	in_parts = options->interval_ns && !options->recording.wanted && !options->live;
	if (status < 0)
		status = stack_options_check(&options->stacks, options->max_overhead);
	if (status < 0)
		status = output_choice_check(
		    options->output, &options->output_options, options->stacks.wish.wanted, in_parts);
	if (status < 0)
		status = view_check(
		    &options->view, options->output, &options->output_options, options->stacks.wish.wanted, in_parts);
	if (status >= 0)
		return status;
	if (options_attach(options))
		return check_attach(options, count);
	if (optind == count) {
		complain("no command given: hakmem-trace [OPTION...] COMMAND [ARGUMENT...]; see hakmem-trace --help");
		return EXIT_USAGE;
	}
	options->command = arguments + optind;
	return -1;
}

int options_parse(int count, char **arguments, struct options *options)
{
	*options = (struct options){.output = &outputs[0], .max_overhead = 0.03};
	return parse(count, arguments, options);
}

int options_parse_record(int count, char **arguments, struct options *options)
{
	*options = (struct options){.output = &outputs[0], .max_overhead = 0.03, .recording.wanted = true};
	options->recording.arguments = arguments;
	return parse(count, arguments, options);
}

int options_parse_live(int count, char **arguments, struct options *options, struct live *live)
{
	*options = (struct options){.output = &outputs[0], .max_overhead = 0.03, .live = live};
	return parse(count, arguments, options);
}
