// SPDX-License-Identifier: MIT
/* getopt, and one clear line for each way to get it wrong. */
#include "command/misses.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"

#define USUAL_ACCESSES 100000000ULL

static void help(void)
{
	puts("Usage: hakmem-trace misses [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "\n"
	     "Runs COMMAND and says whose data addresses miss the TLB and the caches: libhakmem's SuperSlabs\n"
	     "(by size class), its metadata, libc's, the stacks', the program's, ... Either the hardware samples\n"
	     "addresses, which needs a PMU with PEBS or IBS and root; or, on any machine, a model is fed with\n"
	     "COMMAND's accesses, some hundred times slower than it runs, which needs valgrind.\n"
	     "\n"
	     "  -o, --output FILE    write the report to FILE instead of stderr\n"
	     "      --format FORMAT  table (default), json or csv (docs/misses.md)\n"
	     "      --preload LIB    preload LIB into COMMAND (hakmem: libhakmem)\n"
	     "      --as-root        under sudo, run COMMAND as root and not as who called sudo\n"
	     "\n"
	     "Sampling by the hardware:\n"
	     "      --event NAME[:PERIOD]  sample this event, every PERIOD of them; up to 4 (default: those of\n"
	     "                       the first three, or ibs-op, that exist here):");
	for (unsigned int i = 0; i < miss_event_kind_count; i++)
		printf("                         %-16s %s\n", miss_event_kinds[i].name, miss_event_kinds[i].help);
	puts("\n"
	     "Modelling, on any machine:\n"
	     "      --tlb-model[=SHAPE]    estimate by a TLB of this shape, such as l1=64/4,huge=32/4,l2=1536/12\n"
	     "                       (entries/ways; this is Skylake's, and the default)\n"
	     "      --cache-model[=KIB/WAYS]  by an L1 data cache, too (default 32/8)\n"
	     "      --huge WHICH     pages of 2 MiB: smaps (default: as /proc says), none, allocator (suppose\n"
	     "                       them in libhakmem's memory), all (in all anonymous memory), START-END\n"
	     "      --accesses N     stop COMMAND after so many accesses (default 100M; k, M, G)\n"
	     "  -h, --help           print this\n"
	     "\n"
	     "Exit status: COMMAND's (also its signal), 0 when it was stopped; 127 when it isn't found, 126 when\n"
	     "it can't be executed; 2 for wrong usage, 1 when it could not be sampled or modelled.");
}

enum {
	OPTION_FORMAT = 256,
	OPTION_PRELOAD,
	OPTION_AS_ROOT,
	OPTION_EVENT,
	OPTION_TLB_MODEL,
	OPTION_CACHE_MODEL,
	OPTION_HUGE,
	OPTION_ACCESSES,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"preload", required_argument, NULL, OPTION_PRELOAD},
    {"as-root", no_argument, NULL, OPTION_AS_ROOT},
    {"event", required_argument, NULL, OPTION_EVENT},
    {"tlb-model", optional_argument, NULL, OPTION_TLB_MODEL},
    {"cache-model", optional_argument, NULL, OPTION_CACHE_MODEL},
    {"huge", required_argument, NULL, OPTION_HUGE},
    {"accesses", required_argument, NULL, OPTION_ACCESSES},
    {"help", no_argument, NULL, 'h'},
    {},
};

static int take_format(struct misses_options *options)
{
	for (options->output = misses_outputs; options->output->name; options->output++)
		if (!strcmp(options->output->name, optarg))
			return -1;
	complain("there is no format '%s'; there are table, json, csv", optarg);
	return EXIT_USAGE;
}

static int take_event(struct misses_options *options)
{
	char name[64], list[256] = "", *end;
	const char *colon = strchrnul(optarg, ':');
	uint64_t period = 0;

	snprintf(name, sizeof(name), "%.*s", (int)(colon - optarg), optarg);
	if (!miss_event_find(name)) {
		for (unsigned int i = 0; i < miss_event_kind_count; i++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			    miss_event_kinds[i].name);
		complain("there is no event '%s'; there are %s", name, list);
		return EXIT_USAGE;
	}
	if (*colon) {
		errno = 0;
		period = isdigit((unsigned char)colon[1]) ? strtoull(colon + 1, &end, 10) : 0;
		if (!period || errno || *end || period >> 31) {
			complain("the period of --event '%s' is no number from 1 to 2147483647", optarg);
			return EXIT_USAGE;
		}
	}
	if (options->event_count == MISS_EVENTS_MOST) {
		complain("--event can be given %d times at most", MISS_EVENTS_MOST);
		return EXIT_USAGE;
	}
	options->events[options->event_count].kind = miss_event_find(name);
	options->events[options->event_count++].period = period;
	return -1;
}

static int take_accesses(struct misses_options *options)
{
	static const struct {
		const char *suffix;
		uint64_t factor;
	} units[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}};
	char *end = "";
	uint64_t number = isdigit((unsigned char)*optarg) ? strtoull(optarg, &end, 10) : 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!number || number >> 32 || strcmp(end, units[i].suffix))
			continue;
		options->most_accesses = number * units[i].factor;
		return -1;
	}
	complain("--accesses takes a number such as 500000 or 20M, not '%s'", optarg);
	return EXIT_USAGE;
}

static int take_tlb(struct misses_options *options)
{
	const char *problem;

	options->modelled = true;
	if (!optarg || !tlb_shape_parse(optarg, &options->tlb, &problem))
		return -1;
	complain("can't model a TLB '%s': %s", optarg, problem);
	return EXIT_USAGE;
}

static int take_cache(struct misses_options *options)
{
	options->modelled = options->with_cache = true;
	if (!optarg || !cache_shape_parse(optarg, &options->cache))
		return -1;
	complain("can't model a cache '%s': KIB/WAYS is wanted, such as 32/8, and lines that make whole sets", optarg);
	return EXIT_USAGE;
}

static int take_huge(struct misses_options *options)
{
	if (!page_sizes_parse(optarg, &options->huge))
		return -1;
	complain("--huge takes smaps, none, allocator, all, or START-END in hexadecimal, not '%s'", optarg);
	return EXIT_USAGE;
}

static int take(int option, char **arguments, struct misses_options *options)
{
	switch (option) {
	case 'o':
		options->output_path = optarg;
		return -1;
	case OPTION_FORMAT:
		return take_format(options);
	case OPTION_PRELOAD:
		options->preload = optarg;
		return -1;
	case OPTION_AS_ROOT:
		options->as_root = true;
		return -1;
	case OPTION_EVENT:
		return take_event(options);
	case OPTION_TLB_MODEL:
		return take_tlb(options);
	case OPTION_CACHE_MODEL:
		return take_cache(options);
	case OPTION_HUGE:
		return take_huge(options);
	case OPTION_ACCESSES:
		return take_accesses(options);
	case 'h':
		help();
		return 0;
	default:
		complain_option("misses", option, arguments);
		return EXIT_USAGE;
	}
}

static int check(const struct misses_options *options, bool for_model)
{
	if (options->modelled && options->event_count)
		complain(
		    "--event is for the hardware, --tlb-model and --cache-model do without: give one or the other");
	else if (for_model && !options->modelled)
		complain("--huge and --accesses are for the model: give --tlb-model, too");
	else if (!options->command)
		complain(
		    "no command given: hakmem-trace misses [OPTION...] COMMAND [ARGUMENT...]; see hakmem-trace misses "
		    "--help");
	else
		return -1;
	return EXIT_USAGE;
}

int misses_options_parse(int count, char **arguments, struct misses_options *options)
{
	bool for_model = false;
	int option, status;

	*options = (struct misses_options){
	    .output = misses_outputs, .tlb = tlb_skylake, .cache = cache_usual, .most_accesses = USUAL_ACCESSES};
	opterr = 0;
	/* The command's own options are the command's: stop at the first word that isn't ours. */
	while ((option = getopt_long(count, arguments, "+:o:h", long_options, NULL)) != -1) {
		for_model |= option == OPTION_HUGE || option == OPTION_ACCESSES;
		status = take(option, arguments, options);
		if (status >= 0)
			return status;
	}
	options->command = optind < count ? arguments + optind : NULL;
	return check(options, for_model);
}
