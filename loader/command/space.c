// SPDX-License-Identifier: MIT
/* hakmem-trace space: the address spaces of running processes, as they are now. */
#include "command/space.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/attach.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "space/spaces.h"

#define BUDGET_NS 2000000000ULL /* nobody else waits for it */

static void help(void)
{
	puts("Usage: hakmem-trace space [OPTION...] -p PID[,PID...] | --comm NAME | --cgroup PATH | -a\n"
	     "\n"
	     "Shows the address spaces of running processes as they are now: whose each range is, how much of\n"
	     "it is resident (touched), and how full each slab of libhakmem's SuperSlabs is.\n"
	     "\n"
	     "      --format FORMAT  table (default) or json\n"
	     "  -o, --output FILE    write to FILE (default: stdout)\n"
	     "      --no-children    only what is named, not what it forks\n"
	     "\n"
	     "A strip has a character for each 1/32 of a range, of a SuperSlab for each slab: from \"·\"\n"
	     "(nothing) over \"▁\" to \"█\" (all of it); \"?\" is not known.");
}

static const struct spaces_output *find_output(const char *name)
{
	for (const struct spaces_output *output = spaces_outputs; output->name; output++)
		if (!name || !strcmp(output->name, name))
			return output;
	return NULL;
}

static const char *without_sense(const struct options *options)
{
	if (!options_attach(options))
		return "say which processes: -p PID, --comm NAME, --cgroup PATH, or -a";
	if (options->interval_ns || options->duration_ns)
		return "it is one look: --interval and --duration are for reports";
	if (options->stacks.wish.wanted)
		return "it has no stacks";
	return NULL;
}

int command_space(int count, char **arguments)
{
	struct options options;
	const char *wrong;
	int status;

	for (int i = 1; i < count; i++) {
		if (!strcmp(arguments[i], "--help") || !strcmp(arguments[i], "-h")) {
			help();
			return 0;
		}
	}
	status = options_parse(count, arguments, &options);
	if (status >= 0)
		return status;
	wrong = without_sense(&options);
	if (wrong) {
		complain("space: %s", wrong);
		return EXIT_USAGE;
	}
	options.spaces = find_output(options.output ? options.output->name : NULL);
	if (!options.spaces) {
		complain("space: --format is table or json");
		return EXIT_USAGE;
	}
	if (!options.output_path)
		options.output_path = "-";
	return attach_command(&options);
}

int space_write(struct tracer *tracer, struct report *report, const struct spaces_output *output)
{
	struct spaces spaces;
	char *text = NULL;
	size_t size = 0;
	FILE *memory;
	int failed;

	if (spaces_collect(tracer, &spaces, BUDGET_NS)) {
		complain("can't look at address spaces: %s",
		    errno == EOPNOTSUPP ? "that takes BPF, and another rung than perf" : strerror(errno));
		spaces_free(&spaces);
		return -1;
	}
	memory = open_memstream(&text, &size);
	failed = !memory || output->write(&spaces, memory);
	failed = (memory && fclose(memory)) || failed || report_write_text(report, text, size);
	free(text);
	spaces_free(&spaces);
	return failed ? -1 : 0;
}
