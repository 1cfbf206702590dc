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

static void help(void)
{
	puts("Usage: hakmem-trace compare --arm ARM --arm ARM... [OPTION...] -- COMMAND [ARGUMENT...]\n"
	     "\n"
	     "Runs COMMAND in each arm, again and again in random order, and says by how much the arms\n"
	     "differ, how sure that is, and how many runs would tell more. Times are of untraced runs; faults\n"
	     "and zeroed bytes by region come from a few traced ones, which need the privileges of\n"
	     "hakmem-trace. COMMAND gets no input; what it prints is shown only when it fails.\n"
	     "\n"
	     "An ARM is NAME[=VARIABLE=VALUE,...[,preload=LIB]]: what is set in COMMAND's environment, and\n"
	     "what is preloaded (hakmem: libhakmem); a comma in a value is typed twice. The first arm is what\n"
	     "the others are compared with.\n"
	     "\n"
	     "  -a, --arm ARM          an arm; two at least\n"
	     "  -n, --runs N           measured runs of each arm (default 20)\n"
	     "      --until-precision PERCENT\n"
	     "                         run until the interval is +- PERCENT wide, or there are --runs\n"
	     "                         (default then 256) of each\n"
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
	puts("  -h, --help             print this\n"
	     "\n"
	     "Ctrl-C ends the run under way and reports what was measured.\n"
	     "Exit status: 0, whatever the verdict; 130 after Ctrl-C (128 + the signal); 1 when COMMAND failed\n"
	     "or the report could not be written; 127 and 126 when COMMAND isn't found or can't be executed;\n"
	     "2 for wrong usage.");
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

static int take(int option, char **arguments, struct compare_options *options)
{
	switch (option) {
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
		help();
		return 0;
	case ':':
		complain("option '%s' needs a value; see hakmem-trace compare --help", arguments[optind - 1]);
		return EXIT_USAGE;
	default:
		complain("compare has no option '%s', or it takes no value; see hakmem-trace compare --help",
		    arguments[optind - 1]);
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

static int check(struct compare_options *options)
{
	struct plan *plan = &options->plan;

	if (plan->arm_count < 2)
		complain("compare needs two arms at least: --arm NAME[=VARIABLE=VALUE,...] each");
	else if (has_double(options))
		complain("two arms have the same name");
	else if (!plan->command[0])
		complain("no command given: hakmem-trace compare --arm ... --arm ... -- COMMAND [ARGUMENT...]");
	else if (plan->metric_less_is_better && !plan->metric)
		complain("--less-is-better is about a --metric");
	else if (plan->judged && !strcmp(plan->judged, measures[MEASURE_METRIC].name) && !plan->metric)
		complain("--judge metric needs a --metric");
	else
		return -1;
	return EXIT_USAGE;
}

int compare_options_parse(int count, char **arguments, struct compare_options *options)
{
	int option, status;

	*options =
	    (struct compare_options){.plan = plan_defaults(), .output = &experiment_outputs[0], .output_path = "-"};
	options->plan.arms = options->arms;
	opterr = 0;
	optind = 1;
	/* The command's own options are the command's. */
	while ((option = getopt_long(count, arguments, "+:a:n:o:h", long_options, NULL)) != -1) {
		status = take_plan(option, options);
		if (status < -1)
			status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	options->plan.command = arguments + optind;
	if (options->plan.precision > 0 && !options->counted)
		options->plan.runs = PLAN_MOST;
	if (!options->seeded)
		options->plan.seed = plan_random_seed();
	return check(options);
}

void compare_options_free(struct compare_options *options)
{
	for (size_t i = 0; i < options->plan.arm_count; i++)
		arm_free(&options->arms[i]);
}
