// SPDX-License-Identifier: MIT
/* getopt, and one clear line for each way to get it wrong. */
#include "command/compare_options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/arm.h"
#include "command/complain.h"
#include "command/options.h"

#define MOST_RUNS 2000 /* the interval is made of the means of all pairs of blocks */

static void help(const struct comparing *comparing)
{
	puts(comparing->intro);
	if (comparing->takes_arms)
		puts("      --until-precision PERCENT\n"
		     "                         run until the interval is +- PERCENT wide, or there are --runs\n"
		     "                         (default then 256) of each");
	puts("  -n, --runs N           measured runs of each arm (default 20)\n"
	     "      --warmup N         runs of each arm that don't count, before (default 1)\n"
	     "      --traced N         traced runs of each arm, in between (default 3; 0: none)\n"
	     "      --metric REGEX     the number that REGEX's first group, or all of it, matches last in what\n"
	     "                         COMMAND prints; more is better, and the verdict is about it\n"
	     "      --less-is-better   of the metric\n"
	     "      --judge FIGURE     the verdict is about this figure (wall_s, processor_s, ...)\n"
	     "      --cpu LIST         run on these processors only (0,2-3)\n"
	     "      --seed N           of the random order (default: a new one each time)\n"
	     "      --ignore-failures  go on when COMMAND fails; such runs count for nothing\n"
	     "      --as-root          under sudo, run COMMAND as root and not as who called sudo\n"
	     "      --record FILE      also save everything into FILE, an SQLite database\n"
	     "  -o, --output FILE      write the report to FILE instead of stdout\n"
	     "      --format FORMAT    one of:");
	for (const struct experiment_output *output = experiment_outputs; output->name; output++)
		printf("                           %-6s %s\n", output->name, output->help);
	printf("  -h, --help             print this\n"
	       "\n"
	       "Ctrl-C ends the run under way and reports what was measured.\n"
	       "Exit status: %s; 130 after Ctrl-C (128 + the signal);\n"
	       "1 when COMMAND failed or the report could not be written; 127 and 126 when COMMAND isn't found\n"
	       "or can't be executed; 2 for wrong usage.\n",
	    comparing->outro);
}

enum {
	OPTION_PRECISION = 256,
	OPTION_WARM_UP,
	OPTION_TRACED,
	OPTION_METRIC,
	OPTION_LESS,
	OPTION_JUDGE,
	OPTION_CPU,
	OPTION_SEED,
	OPTION_IGNORE,
	OPTION_AS_ROOT,
	OPTION_RECORD,
	OPTION_FORMAT,
	OPTION_PRELOAD,
	OPTION_POOL,
};

static const struct option long_options[] = {
    {"arm", required_argument, NULL, 'a'},
    {"runs", required_argument, NULL, 'n'},
    {"until-precision", required_argument, NULL, OPTION_PRECISION},
    {"warmup", required_argument, NULL, OPTION_WARM_UP},
    {"traced", required_argument, NULL, OPTION_TRACED},
    {"metric", required_argument, NULL, OPTION_METRIC},
    {"less-is-better", no_argument, NULL, OPTION_LESS},
    {"judge", required_argument, NULL, OPTION_JUDGE},
    {"cpu", required_argument, NULL, OPTION_CPU},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"ignore-failures", no_argument, NULL, OPTION_IGNORE},
    {"as-root", no_argument, NULL, OPTION_AS_ROOT},
    {"record", required_argument, NULL, OPTION_RECORD},
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"preload", required_argument, NULL, OPTION_PRELOAD},
    {"pool-command", required_argument, NULL, OPTION_POOL},
    {"help", no_argument, NULL, 'h'},
    {},
};

static int take_arm(struct compare_options *options)
{
	struct plan *plan = &options->plan;
	char error[ARM_ERROR];

	if (plan->arm_count == MOST_ARMS) {
		complain("there can be %d arms at most", MOST_ARMS);
		return EXIT_USAGE;
	}
	if (arm_parse(optarg, &options->arms[plan->arm_count++], error)) {
		complain("--arm '%s': %s", optarg, error);
		return EXIT_USAGE;
	}
	return -1;
}

static int take_number(const char *option, unsigned long long least, unsigned long long most, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(optarg, &end, 10);
	if (isdigit((unsigned char)*optarg) && !*end && !errno && *number >= least && *number <= most)
		return -1;
	complain("%s wants a whole number from %llu to %llu, not '%s'", option, least, most, optarg);
	return EXIT_USAGE;
}

static int take_count(const char *option, uint32_t least, uint32_t *count)
{
	uint64_t number;
	int status = take_number(option, least, MOST_RUNS, &number);

	*count = number;
	return status;
}

static int take_precision(struct plan *plan)
{
	char *end;
	double percent = strtod(optarg, &end);

	if (end == optarg || *end || !(percent >= 0.001) || percent > 100) {
		complain("--until-precision wants a percentage from 0.001 to 100, not '%s'", optarg);
		return EXIT_USAGE;
	}
	plan->precision = percent / 100;
	return -1;
}

static int take_format(struct compare_options *options)
{
	char list[128] = "";

	options->output = experiment_output_find(optarg);
	if (options->output)
		return -1;
	for (const struct experiment_output *output = experiment_outputs; output->name; output++) {
		strncat(list, *list ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, output->name, sizeof(list) - strlen(list) - 1);
	}
	complain("there is no format '%s'; there are %s", optarg, list);
	return EXIT_USAGE;
}

/* What shapes the plan. -2: it is none of these. */
static int take_plan(int option, struct compare_options *options)
{
	struct plan *plan = &options->plan;

	switch (option) {
	case 'a':
		return take_arm(options);
	case 'n':
		options->counted = true;
		return take_count("--runs", 1, &plan->runs);
	case OPTION_PRECISION:
		return take_precision(plan);
	case OPTION_WARM_UP:
		return take_count("--warmup", 0, &plan->warm_ups);
	case OPTION_TRACED:
		options->traces_counted = true;
		return take_count("--traced", 0, &plan->traced);
	case OPTION_METRIC:
		plan->metric = optarg;
		return -1;
	case OPTION_LESS:
		plan->metric_less_is_better = true;
		return -1;
	case OPTION_JUDGE:
		plan->judged = optarg;
		return -1;
	case OPTION_CPU:
		plan->cpus = optarg;
		return -1;
	case OPTION_SEED:
		options->seeded = true;
		return take_number("--seed", 0, INT64_MAX, &plan->seed);
	}
	return -2;
}

static bool has_option(const struct comparing *comparing, int option)
{
	if (option == 'a' || option == OPTION_PRECISION)
		return comparing->takes_arms;
	if (option == OPTION_PRELOAD)
		return !comparing->takes_arms;
	return option != OPTION_POOL || comparing->takes_subject;
}

static int another_has(const struct comparing *comparing, int option)
{
	const struct option *found = long_options;

	while (found->val != option)
		found++;
	complain("%s has no option --%s; see hakmem-trace %s --help", comparing->name, found->name, comparing->name);
	return EXIT_USAGE;
}

static int take(const struct comparing *comparing, int option, char **arguments, struct compare_options *options)
{
	switch (option) {
	case OPTION_PRELOAD:
		options->preload = optarg;
		return -1;
	case OPTION_POOL:
		options->pool = optarg;
		return -1;
	case OPTION_IGNORE:
		options->plan.ignore_failures = true;
		return -1;
	case OPTION_AS_ROOT:
		options->plan.as_root = true;
		return -1;
	case OPTION_RECORD:
		options->recording_path = optarg;
		return -1;
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FORMAT:
		return take_format(options);
	case 'h':
		help(comparing);
		return 0;
	default:
		complain_option(comparing->name, option, arguments);
		return EXIT_USAGE;
	}
}

static bool has_double(const struct compare_options *options)
{
	for (size_t i = 0; i < options->plan.arm_count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(options->arms[i].name, options->arms[j].name))
				return true;
	return false;
}

static int check(const struct comparing *comparing, struct compare_options *options)
{
	struct plan *plan = &options->plan;

	if (comparing->takes_arms && plan->arm_count < 2)
		complain("compare needs two arms at least: --arm NAME[=VARIABLE=VALUE,...] each");
	else if (has_double(options))
		complain("two arms have the same name");
	else if (comparing->takes_subject && !options->subject)
		complain("nothing to validate was given: %s", comparing->usage);
	else if (!plan->command[0] && !comparing->needs_no_command)
		complain("no command given: %s", comparing->usage);
	else if (plan->metric_less_is_better && !plan->metric && !comparing->takes_subject)
		complain("--less-is-better is about a --metric");
	else if (plan->judged && !strcmp(plan->judged, measures[MEASURE_METRIC].name) && !plan->metric)
		complain("--judge metric needs a --metric");
	else
		return -1;
	return EXIT_USAGE;
}

/* -1 when all options are taken. The command's own are the command's: it stops at the first word, or behind --. */
static int take_options(const struct comparing *comparing, int count, char **arguments, struct compare_options *options)
{
	int option, status;

	while ((option = getopt_long(count, arguments, "+:a:n:o:h", long_options, NULL)) != -1) {
		if (!has_option(comparing, option))
			return another_has(comparing, option);
		status = take_plan(option, options);
		if (status < -1)
			status = take(comparing, option, arguments, options);
		if (status >= 0)
			return status;
	}
	return -1;
}

int compare_options_parse(
    const struct comparing *comparing, int count, char **arguments, struct compare_options *options)
{
	int status;

	*options =
	    (struct compare_options){.plan = plan_defaults(), .output = &experiment_outputs[0], .output_path = "-"};
	options->plan.arms = options->arms;
	opterr = 0;
	optind = 1;
	status = take_options(comparing, count, arguments, options);
	/* What to validate may stand before the options or behind them. */
	if (status < 0 && comparing->takes_subject && optind < count && strcmp(arguments[optind - 1], "--") != 0) {
		options->subject = arguments[optind++];
		status = take_options(comparing, count, arguments, options);
	}
	if (status >= 0)
		return status;
	options->plan.command = arguments + optind;
	if (options->plan.precision > 0 && !options->counted)
		options->plan.runs = PLAN_MOST;
	if (!options->seeded)
		options->plan.seed = plan_random_seed();
	return check(comparing, options);
}

void compare_options_free(struct compare_options *options)
{
	for (size_t i = 0; i < options->plan.arm_count; i++)
		arm_free(&options->arms[i]);
}
