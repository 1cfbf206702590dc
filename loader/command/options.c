// SPDX-License-Identifier: MIT
/* getopt, and one clear line for each way to get it wrong. */
#include "command/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"

static void help(void)
{
	puts("Usage: hakmem-trace [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace doctor [-v]\n"
	     "\n"
	     "Runs COMMAND and says whose every page fault and every zeroed page of it was: the allocator's,\n"
	     "thread-local storage's, libc's, the stacks', the program's, a library's, a file's, other\n"
	     "memory's or the kernel's. The report goes to stderr; COMMAND's own streams, signals and exit\n"
	     "status pass through. Needs root, or CAP_BPF and CAP_PERFMON.\n"
	     "\n"
	     "  -o, --output FILE    write the report to FILE instead of stderr\n"
	     "      --format FORMAT  one of:");
	for (const struct output *output = outputs; output->name; output++)
		printf("                         %-8s %s\n", output->name, output->help);
	puts("      --preload LIB    preload LIB into COMMAND (hakmem: libhakmem); nothing is by default\n"
	     "      --max-overhead PERCENT  measure durations of so many faults at random that tracing costs\n"
	     "                       about this much at most (default 3; 0: count only)\n"
	     "      --require WHAT   fail instead of falling back, unless: exact (faults and zeroed bytes are\n"
	     "                       exact), RUNG (zeroing is by that rung), SUBJECT=exact or SUBJECT=RUNG\n"
	     "                       (SUBJECT: fault, fault-time, zero or zero-time)\n"
	     "      --rung RUNG      take from this rung all that it measures, or fail:");
	for (size_t i = 0; i < rung_count; i++)
		printf("                         %-10s %s\n", rungs[i].name, rungs[i].provides[SUBJECT_ZERO].hook);
	puts("      --mark-function [FILE:]FUNCTION\n"
	     "                       a phase of the report begins when COMMAND's (or FILE's) FUNCTION does\n"
	     "      --as-root        under sudo, run COMMAND as root and not as who called sudo\n"
	     "  -v, --verbose        say on stderr what is tried, and libbpf's log\n"
	     "      --version        print the version\n"
	     "  -h, --help           print this\n"
	     "\n"
	     "hakmem-trace doctor tries every rung on this kernel and says which works, and why not.\n"
	     "Exit status: COMMAND's (also its signal); 127 when it isn't found, 126 when it can't be\n"
	     "executed; 2 for wrong usage, 1 when it could not be traced.");
}

static int unknown_output(const char *name)
{
	char list[128] = "";

	for (const struct output *output = outputs; output->name; output++) {
		strncat(list, output == outputs ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, output->name, sizeof(list) - strlen(list) - 1);
	}
	complain("there is no format '%s'; there are %s", name, list);
	return EXIT_USAGE;
}

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

enum {
	OPTION_FORMAT = 256,
	OPTION_PRELOAD,
	OPTION_RUNG,
	OPTION_REQUIRE,
	OPTION_MAX_OVERHEAD,
	OPTION_MARK_FUNCTION,
	OPTION_AS_ROOT,
	OPTION_VERSION,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"preload", required_argument, NULL, OPTION_PRELOAD},
    {"rung", required_argument, NULL, OPTION_RUNG},
    {"require", required_argument, NULL, OPTION_REQUIRE},
    {"max-overhead", required_argument, NULL, OPTION_MAX_OVERHEAD},
    {"mark-function", required_argument, NULL, OPTION_MARK_FUNCTION},
    {"as-root", no_argument, NULL, OPTION_AS_ROOT},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {},
};

static int take(int option, char **arguments, struct options *options)
{
	switch (option) {
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FORMAT:
		options->output = output_find(optarg);
		return options->output ? -1 : unknown_output(optarg);
	case OPTION_PRELOAD:
		options->preload = optarg;
		return -1;
	case OPTION_RUNG:
		if (!rung_find(optarg))
			return unknown_rung(optarg);
		demand_rung(&options->demand, rung_find(optarg));
		return -1;
	case OPTION_REQUIRE:
		return require(&options->demand, optarg);
	case OPTION_MAX_OVERHEAD:
		return max_overhead(options, optarg);
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
		help();
		return 0;
	case ':':
		complain("option '%s' needs a value; see hakmem-trace --help", arguments[optind - 1]);
		return EXIT_USAGE;
	default:
		if (optopt && optopt < 256 && strncmp(arguments[optind - 1], "--", 2))
			complain("there is no option '-%c'; see hakmem-trace --help", optopt);
		else
			complain("there is no option '%s', or it takes no value; see hakmem-trace --help",
			    arguments[optind - 1]);
		return EXIT_USAGE;
	}
}

int options_parse(int count, char **arguments, struct options *options)
{
	int option, status;

	*options = (struct options){.output = &outputs[0], .max_overhead = 0.03};
	opterr = 0;
	/* The command's own options are the command's: stop at the first word that isn't ours. */
	while ((option = getopt_long(count, arguments, "+:o:vh", long_options, NULL)) != -1) {
		status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	if (optind == count) {
		complain("no command given: hakmem-trace [OPTION...] COMMAND [ARGUMENT...]; see hakmem-trace --help");
		return EXIT_USAGE;
	}
	options->command = arguments + optind;
	return -1;
}
