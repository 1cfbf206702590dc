// SPDX-License-Identifier: MIT
/* hakmem-trace misses: whose data addresses miss the TLB and the caches. */
#include "command/misses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "analysis/miss_words.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/pass.h"
#include "command/preload.h"
#include "command/report.h"

void misses_describe_end(struct misses *misses, const struct target *target)
{
	int status = target->status;

	misses->wall_ns = target->wall_ns;
	misses->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	misses->exit_signal = WIFSIGNALED(status) && !misses->stopped ? WTERMSIG(status) : 0;
}

static struct misses *start_misses(const struct misses_options *options)
{
	struct misses *misses = misses_new();
	struct utsname name;

	if (!misses || uname(&name) || misses_command(misses, options->command) ||
	    !(misses->release = strdup(name.release))) {
		misses_free(misses);
		return NULL;
	}
	misses->modelled = options->modelled;
	return misses;
}

/* In memory first: what was in the file before stays until all of the new report is there. */
static int write_report(struct report *report, const struct misses_options *options, const struct misses *misses)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int failed;

	if (!memory)
		return -1;
	failed = options->output->write(misses, memory);
	if (!failed && options->output == &misses_outputs[0])
		miss_words_write(misses, memory);
	failed |= ferror(memory);
	failed = fclose(memory) || failed || report_write_text(report, text, size);
	free(text);
	return failed ? -1 : 0;
}

/* The status to exit with: the command's own end comes first. */
static int conclude(
    struct report *report, const struct misses_options *options, struct misses *misses, const struct target *target)
{
	int failed;

	if (target->lost) {
		complain("%s ended, but its status could not be had: no report", options->command[0]);
		report_abandon(report);
		return EXIT_FAILED;
	}
	misses_describe_end(misses, target);
	misses_finish(misses);
	failed = write_report(report, options, misses);
	if (failed)
		report_abandon(report);
	if (misses->stopped)
		return failed ? EXIT_FAILED : EXIT_SUCCESS;
	return failed && WIFEXITED(target->status) && !WEXITSTATUS(target->status) ? EXIT_FAILED
	                                                                           : pass_end(target->status);
}

int command_misses(int count, char **arguments)
{
	struct misses_options options;
	char preload[PATH_MAX];
	struct report report;
	struct target target;
	struct misses *misses;
	int status = misses_options_parse(count, arguments, &options);

	if (status >= 0)
		return status;
	if (options.preload && preload_find(options.preload, preload))
		return EXIT_FAILED;
	misses = start_misses(&options);
	if (!misses) {
		complain("can't start: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (report_open(&report, options.output_path)) {
		misses_free(misses);
		return EXIT_FAILED;
	}
	status = (options.modelled ? misses_model : misses_sample)(
	    &options, options.preload ? preload : NULL, &target, misses);
	if (status >= 0)
		report_abandon(&report);
	else
		status = conclude(&report, &options, misses, &target);
	misses_free(misses);
	return status;
}
