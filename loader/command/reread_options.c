// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"
#include "command/output_choice.h"
#include "command/parse.h"
#include "command/reread.h"

static void help(void)
{
	puts("Usage: hakmem-trace report [OPTION...] FILE\n"
	     "\n"
	     "Prints what is in a recording (hakmem-trace record), as the run itself would have reported it,\n"
	     "or a part of it. FILE may also be a report in JSON. Needs no privileges.\n"
	     "\n"
	     "      --format FORMAT  one of:");
	output_choice_help();
	puts("      --value VALUE    what formats show that show one figure a stack: faults (default),\n"
	     "                       zeroed (bytes) or time (in faults, nanoseconds)\n"
	     "  -o, --output FILE    write to FILE instead of stdout");
	view_help();
	puts("      --from SEC       only what happened from this time on, since tracing began\n"
	     "      --to SEC         and before this\n"
	     "      --run NUMBER     of several runs in the file (default: the last)\n"
	     "      --list           say which runs are in it, and nothing else\n"
	     "  -h, --help           print this");
}

enum {
	OPTION_FORMAT = 256,
	OPTION_VALUE,
	OPTION_FROM,
	OPTION_TO,
	OPTION_RUN,
	OPTION_LIST,
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"value", required_argument, NULL, OPTION_VALUE},
    {"output", required_argument, NULL, 'o'},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"run", required_argument, NULL, OPTION_RUN},
    {"list", no_argument, NULL, OPTION_LIST},
    VIEW_OPTIONS,
    {"help", no_argument, NULL, 'h'},
    {},
};

static int take_moment(const char *option, uint64_t *moment)
{
	if (!parse_moment(optarg, moment))
		return -1;
	complain("%s '%s': seconds since tracing began are wanted", option, optarg);
	return EXIT_USAGE;
}

static int take_run(uint32_t *run)
{
	char *end;
	unsigned long number = strtoul(optarg, &end, 10);

	if (*optarg >= '1' && *optarg <= '9' && !*end && number <= 1000000) {
		*run = number;
		return -1;
	}
	complain("--run '%s': a number from 1 on is wanted; --list shows which there are", optarg);
	return EXIT_USAGE;
}

static int take(int option, char **arguments, struct reread_options *options)
{
	switch (option) {
	case OPTION_FORMAT:
		return output_choice_format(optarg, &options->output);
	case OPTION_VALUE:
		return output_choice_value(optarg, &options->output_options);
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FROM:
		return take_moment("--from", &options->period.from_ns);
	case OPTION_TO:
		return take_moment("--to", &options->period.to_ns);
	case OPTION_RUN:
		return take_run(&options->run);
	case OPTION_LIST:
		options->lists = true;
		return -1;
	case 'h':
		help();
		return 0;
	default:
		complain_option("report", option, arguments);
		return EXIT_USAGE;
	}
}

int reread_options_parse(int count, char **arguments, struct reread_options *options)
{
	int option, status;

	*options = (struct reread_options){.output = &outputs[0], .output_path = "-", .period = {.to_ns = UNKNOWN}};
	opterr = 0;
	while ((option = getopt_long(count, arguments, ":o:h", long_options, NULL)) != -1) {
		status = view_take(option, &options->view, &options->output_options);
		if (status < -1)
			status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	if (optind + 1 != count) {
		complain(optind < count ? "report reads one file: hakmem-trace report [OPTION...] FILE"
		                        : "which recording? hakmem-trace report [OPTION...] FILE; see hakmem-trace "
		                          "report --help");
		return EXIT_USAGE;
	}
	if (options->period.from_ns >= options->period.to_ns) {
		complain("--from must be before --to");
		return EXIT_USAGE;
	}
	options->path = arguments[optind];
	/* Whether there are stacks is known when it is read. */
	status = output_choice_check(
	    options->output, &options->output_options, true, options->output->parts == PARTS_WANTED);
	if (status < 0)
		status = view_check(&options->view, options->output, &options->output_options, true,
		    options->view.grouped && options->view.by == GROUP_TIME);
	return status;
}
