// SPDX-License-Identifier: MIT
#include "command/record_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command/complain.h"
#include "command/parse.h"

#define SLICE_NS 1000000000ULL

void record_help(void)
{
	puts("Usage: hakmem-trace record [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace record [OPTION...] -p PID[,PID...] | --comm NAME | --cgroup PATH | -a\n"
	     "\n"
	     "Traces as hakmem-trace does without `record`, and writes what was counted, second by second,\n"
	     "into a file that `hakmem-trace report` reads, and sqlite3, too (docs/recording.md).\n"
	     "\n"
	     "  -o, --output FILE    record into FILE, which must not be there yet (default: by the name of\n"
	     "                       what is traced, such as redis-server.hkt, redis-server-2.hkt)\n"
	     "      --append         it may: then this run comes behind those that it has\n"
	     "      --slice SEC      the length of the slices (default 1); older ones are merged by tens\n"
	     "      --report FILE    write the report as well (-: stdout), as --format says\n"
	     "\n"
	     "and every option of hakmem-trace itself but --interval; see hakmem-trace --help. A recorder that\n"
	     "is killed leaves a file that can be read up to its last slice.");
}

int record_take(int option, struct options *options)
{
	struct recording_options *recording = &options->recording;

	switch (option) {
	case OPTION_APPEND:
		recording->append = true;
		break;
	case OPTION_REPORT:
		recording->report_path = optarg;
		break;
	case OPTION_SLICE:
		if (parse_seconds(optarg, &recording->slice_ns)) {
			complain("--slice '%s': seconds are wanted, more than 0", optarg);
			return EXIT_USAGE;
		}
		break;
	default:
		return -2;
	}
	recording->given = true;
	return -1;
}

int record_check(struct options *options)
{
	struct recording_options *recording = &options->recording;

	if (!recording->wanted && recording->given)
		complain("--slice, --append and --report are for hakmem-trace record");
	else if (!recording->wanted)
		return -1;
	else if (options->interval_ns)
		complain("--interval is for reports: hakmem-trace record has --slice");
	else if (options->output_path && !strcmp(options->output_path, "-"))
		complain("a recording is a database and can't go to stdout: -o FILE");
	else if (recording->append && !options->output_path)
		complain("--append needs to know the recording: -o FILE");
	else if (options->output && options->output->parts == PARTS_WANTED && recording->report_path)
		complain(
		    "--format %s shows what happens over time: write it with hakmem-trace report, from the recording",
		    options->output->name);
	else {
		recording->path = options->output_path;
		options->output_path = recording->report_path;
		options->interval_ns = recording->slice_ns ? recording->slice_ns : SLICE_NS;
		return -1;
	}
	return EXIT_USAGE;
}

/* The last part of a path; '/' alone has none. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void record_default_name(const struct options *options, unsigned int number, char name[PATH_MAX])
{
	const struct wanted *wanted = &options->wanted;
	char base[128], suffix[16] = "";

	if (options->command)
		snprintf(base, sizeof(base), "%s", last_part(options->command[0]));
	else if (wanted->pid_count)
		snprintf(base, sizeof(base), "pid-%d", (int)wanted->pids[0]);
	else if (wanted->name_count)
		snprintf(base, sizeof(base), "%s", wanted->names[0]);
	else if (wanted->cgroup_count)
		snprintf(base, sizeof(base), "%s", last_part(wanted->cgroups[0]));
	else
		strcpy(base, "all");
	for (char *at = base; *at; at++)
		if (*at == '/' || (at == base && *at == '.'))
			*at = '_';
	if (number > 1)
		snprintf(suffix, sizeof(suffix), "-%u", number);
	snprintf(name, PATH_MAX, "%s%s.hkt", base, suffix);
}
