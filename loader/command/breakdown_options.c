// SPDX-License-Identifier: MIT
#include "command/breakdown_options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"

#define DEFAULT_FREQUENCY 3999 /* no multiple of what programs and kernels do so many times a second */
#define MOST_FREQUENCY    25000
#define MOST_RUNS         100000

static void help(void)
{
	puts("Usage: hakmem-trace breakdown [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "\n"
	     "Runs COMMAND, with all that it starts, and says by sampling where its CPU time goes: the\n"
	     "allocator by function, other user space, fault entry, zeroing, page-table work, TLB shootdowns,\n"
	     "mmap and its like, the scheduler, other system calls, the rest of the kernel. Each share has its\n"
	     "95 % interval. The report goes to stderr; COMMAND's own streams, signals and exit status pass\n"
	     "through. Needs root or CAP_PERFMON; kernel functions have names for root and CAP_SYSLOG only.\n"
	     "\n"
	     "      --runs N         run it N times and add up the samples (default 1)\n"
	     "      --frequency HZ   samples a second and CPU (default 3999, at most 25000)\n"
	     "      --no-check       don't run it once more, traced and with its output thrown away, to measure\n"
	     "                       zeroing by hooks as well\n"
	     "  -o, --output FILE    write the report to FILE instead of stderr\n"
	     "      --format FORMAT  one of:");
	for (const struct breakdown_output *output = breakdown_outputs; output->name; output++)
		printf("                         %-8s %s\n", output->name, output->help);
	puts("      --preload LIB    preload LIB into COMMAND (hakmem: libhakmem)\n"
	     "      --as-root        under sudo, run COMMAND as root and not as who called sudo\n"
	     "  -h, --help           print this\n"
	     "\n"
	     "Exit status: COMMAND's (of its last run); 127 when it isn't found, 126 when it can't be executed;\n"
	     "2 for wrong usage, 1 when it could not be sampled. It isn't run again once a run has failed.");
}

enum {
	OPTION_RUNS = 256,
	OPTION_FREQUENCY,
	OPTION_NO_CHECK,
	OPTION_FORMAT,
	OPTION_PRELOAD,
	OPTION_AS_ROOT,
};

static const struct option long_options[] = {
    {"runs", required_argument, NULL, OPTION_RUNS},
    {"frequency", required_argument, NULL, OPTION_FREQUENCY},
    {"no-check", no_argument, NULL, OPTION_NO_CHECK},
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"preload", required_argument, NULL, OPTION_PRELOAD},
    {"as-root", no_argument, NULL, OPTION_AS_ROOT},
    {"help", no_argument, NULL, 'h'},
    {},
};

static int take_number(const char *option, unsigned long most, unsigned int *number)
{
	char *end;
	unsigned long value = isdigit((unsigned char)*optarg) ? strtoul(optarg, &end, 10) : 0;

	if (!value || *end || value > most) {
		complain("%s '%s': a whole number from 1 to %lu is wanted", option, optarg, most);
		return EXIT_USAGE;
	}
	*number = value;
	return -1;
}

static int take_format(struct breakdown_options *options)
{
	char list[64] = "";

	options->output = breakdown_output_find(optarg);
	if (options->output)
		return -1;
	for (const struct breakdown_output *output = breakdown_outputs; output->name; output++) {
		strncat(list, output == breakdown_outputs ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, output->name, sizeof(list) - strlen(list) - 1);
	}
	complain("there is no format '%s'; there are %s", optarg, list);
	return EXIT_USAGE;
}

static int take(int option, char **arguments, struct breakdown_options *options)
{
	switch (option) {
	case OPTION_RUNS:
		return take_number("--runs", MOST_RUNS, &options->runs);
	case OPTION_FREQUENCY:
		return take_number("--frequency", MOST_FREQUENCY, &options->frequency);
	case OPTION_NO_CHECK:
		options->check = false;
		return -1;
	case OPTION_FORMAT:
		return take_format(options);
	case OPTION_PRELOAD:
		options->preload = optarg;
		return -1;
	case OPTION_AS_ROOT:
		options->as_root = true;
		return -1;
	case 'o':
		options->output_path = optarg;
		return -1;
	case 'h':
		help();
		return 0;
	default:
		complain_option("breakdown", option, arguments);
		return EXIT_USAGE;
	}
}

int breakdown_options_parse(int count, char **arguments, struct breakdown_options *options)
{
	int option, status;

	*options = (struct breakdown_options){
	    .output = &breakdown_outputs[0], .frequency = DEFAULT_FREQUENCY, .runs = 1, .check = true};
	opterr = 0;
	/* The command's own options are the command's: stop at the first word that isn't ours. */
	while ((option = getopt_long(count, arguments, "+:o:h", long_options, NULL)) != -1) {
		status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	if (optind == count) {
		complain("no command given: hakmem-trace breakdown [OPTION...] COMMAND [ARGUMENT...]");
		return EXIT_USAGE;
	}
	options->command = arguments + optind;
	return -1;
}
