// SPDX-License-Identifier: MIT
/* hakmem-trace breakdown: run a command, sample where its CPU time goes, report. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analysis/breakdown_words.h"
#include "analysis/classify.h"
#include "analysis/kernel_classes.h"
#include "command/breakdown_check.h"
#include "command/breakdown_options.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/follow.h"
#include "command/options.h"
#include "command/pass.h"
#include "command/preload.h"
#include "command/report.h"
#include "snapshot/strings.h"
#include "symbol/readable_name.h"
#include "machine/kernel.h"
#include "run/sampler.h"

#define FEW_SAMPLES 100 /* in so many there is a stack of more than one frame, if there are stacks */

struct breakdown_run {
	struct breakdown_options options;
	struct breakdown breakdown;
	struct sampler *sampler;
	struct report report;
	struct watch watch;
	struct target_signals signals; /* as we were started */
	struct target target;          /* of the run that is, or was last */
	char preload[PATH_MAX];
	off_t input_start; /* of standard input where it can be read again; -1: it can't */
};

static uint64_t nanoseconds(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static void count_run(struct breakdown_run *run)
{
	struct breakdown *breakdown = &run->breakdown;

	breakdown->runs++;
	breakdown->wall_ns += run->target.wall_ns;
	breakdown->user_ns += nanoseconds(run->target.usage.ru_utime);
	breakdown->system_ns += nanoseconds(run->target.usage.ru_stime);
	breakdown->exit_code = WIFEXITED(run->target.status) ? WEXITSTATUS(run->target.status) : -1;
	breakdown->exit_signal = WIFSIGNALED(run->target.status) ? WTERMSIG(run->target.status) : 0;
}

static void wait_for_end(struct breakdown_run *run)
{
	while (!target_reap(&run->target)) {
		unsigned int events;

		run->watch.other = sampler_descriptor(run->sampler);
		events = watch_wait(&run->watch, -1);
		if (events & WATCH_SIGNAL)
			pass_signals(&run->watch, run->target.pid);
		if (events & WATCH_OTHER)
			sampler_drain(run->sampler);
	}
	sampler_stop(run->sampler);
}

/* -1: it ran, else the exit status. */
static int run_once(struct breakdown_run *run)
{
	struct target_options options = {.command = run->options.command,
	    .preload = run->options.preload ? run->preload : NULL,
	    .signals = &run->signals,
	    .as_root = run->options.as_root};
	char error[TARGET_ERROR], sampler_error[SAMPLER_ERROR];
	int status;

	if (run->breakdown.runs && run->input_start >= 0)
		lseek(STDIN_FILENO, run->input_start, SEEK_SET);
	if (target_start(&run->target, &options, error)) {
		complain("%s", error);
		return EXIT_FAILED;
	}
	if (sampler_arm(run->sampler, run->target.pid, sampler_error)) {
		complain("can't sample %s: %s", run->options.command[0], sampler_error);
		target_abandon(&run->target);
		return EXIT_FAILED;
	}
	status = follow_let_go(&run->target, run->options.command[0]);
	if (status >= 0)
		return status;
	wait_for_end(run);
	if (run->target.lost) {
		complain("%s ended, but its status could not be had: no report", run->options.command[0]);
		return EXIT_FAILED;
	}
	count_run(run);
	return -1;
}

static bool went_well(const struct breakdown_run *run)
{
	return WIFEXITED(run->target.status) && !WEXITSTATUS(run->target.status);
}

static int run_all(struct breakdown_run *run)
{
	int status = -1;

	while (status < 0 && run->breakdown.runs < run->options.runs && (!run->breakdown.runs || went_well(run)))
		status = run_once(run);
	if (status < 0 && run->options.check && went_well(run)) {
		if (run->input_start >= 0)
			lseek(STDIN_FILENO, run->input_start, SEEK_SET);
		breakdown_check_zeroing(&run->options, &run->signals, &run->watch, &run->breakdown.check);
	} else {
		snprintf(run->breakdown.check.why_not, sizeof(run->breakdown.check.why_not), "%s",
		    run->options.check ? "the command failed" : "left out by --no-check");
	}
	return status;
}

static int take_place(void *context, const struct sampled *place)
{
	char *readable = place->kernel ? NULL : readable_name(place->function);
	struct sampled named = *place;
	int failed;

	if (readable)
		named.function = readable;
	failed = classify(context, &named);
	free(readable);
	return failed;
}

/* The kernel splits time into user and system by its ticks, of which the coarse clock tells the period. */
static uint64_t tick_ns(void)
{
	struct timespec period;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &period) ? 0 : period.tv_sec * 1000000000ULL + period.tv_nsec;
}

#define NAMED_STRIPPED 4

/* "dash, true, libx.so.1 and 3 others are stripped: ..." */
static int limit_stripped(struct breakdown_run *run)
{
	char text[512] = "";
	size_t from = 0, count = 0, used = 0;
	const char *name;

	while ((name = sampler_stripped(run->sampler, &from))) {
		if (strstr(text, name) || ++count > NAMED_STRIPPED)
			continue;
		used += snprintf(text + used, sizeof(text) - used, "%s%.64s", count > 1 ? ", " : "", name);
	}
	if (!count)
		return 0;
	if (count > NAMED_STRIPPED)
		used += snprintf(text + used, sizeof(text) - used, " and %zu others", count - NAMED_STRIPPED);
	snprintf(text + used, sizeof(text) - used, " %s stripped: only exported functions have names",
	    count > 1 ? "are" : "is");
	return breakdown_limit(&run->breakdown, text);
}

static int limit_kernel(struct breakdown *breakdown, const struct sampler_facts *facts)
{
	if (!facts->kernel)
		return breakdown_limit(breakdown, "the kernel's part: without CAP_PERFMON only user space is sampled");
	if (!facts->kernel_known)
		return breakdown_limit(breakdown, "the kernel's functions have no names for us (kernel.kptr_restrict, "
		                                  "CAP_SYSLOG): all is other-kernel");
	if (!breakdown->zeroing_known &&
	    breakdown_limit(breakdown, "zeroing of single pages: this kernel does it inside "
	                               "of other functions, it is part of page-allocation"))
		return -1;
	if (!facts->stacks && breakdown->samples > FEW_SAMPLES)
		return breakdown_limit(breakdown, "kernel stacks: only where each sample lies is known");
	return 0;
}

static int describe_limits(struct breakdown_run *run, const struct sampler_facts *facts)
{
	struct breakdown *breakdown = &run->breakdown;
	int failed = limit_kernel(breakdown, facts) | limit_stripped(run);

	if (facts->hides_malloc)
		failed |=
		    breakdown_limit(breakdown, "which functions of the stripped C library are its malloc's: those that "
		                               "have no name count as libc");
	if (!facts->everywhere)
		failed |=
		    breakdown_limit(breakdown, "without CAP_PERFMON most of the time of processes that fork, or that "
		                               "live shorter than a sample's period, is missed");
	if (facts->late && breakdown->classes[TIME_FAULT_ENTRY].samples >= FEW_SAMPLES && !breakdown->late_from_fault)
		failed |= breakdown_limit(breakdown,
		    "samples of the return from a fault: this machine doesn't mark them, they "
		    "count as user space's at the instruction that faulted");
	if (facts->late && facts->kernel)
		failed |=
		    breakdown_limit(breakdown, "interrupt handlers (a TLB flush that another CPU asked for is one): "
		                               "their time counts where they interrupted");
	return failed;
}

static int describe(struct breakdown_run *run)
{
	struct breakdown *breakdown = &run->breakdown;
	struct sampler_facts facts = sampler_facts(run->sampler);
	bool failed = sampler_each(run->sampler, take_place, breakdown);

	breakdown->command = strings_copy(run->options.command, &failed);
	breakdown->kernel_release = strdup(kernel_release());
	breakdown->runs_wanted = run->options.runs;
	breakdown->event = facts.event;
	breakdown->frequency = run->options.frequency;
	breakdown->period = facts.period;
	breakdown->kernel_seen = facts.kernel;
	breakdown->kernel_known = facts.kernel_known;
	breakdown->stacks = facts.stacks;
	breakdown->zeroing_known = sampler_kernel_has(run->sampler, kernel_function_zeroes);
	breakdown->lost = facts.lost;
	breakdown->throttled = facts.throttled;
	breakdown->processes = facts.processes;
	breakdown->overhead = facts.overhead;
	breakdown->tick_ns = tick_ns();
	breakdown_finish(breakdown);
	failed |= describe_limits(run, &facts);
	breakdown_compare_zeroing(breakdown);
	return failed || !breakdown->kernel_release ? -1 : 0;
}

static int write_report(struct breakdown_run *run)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int failed = !memory || describe(run) || run->options.output->write(&run->breakdown, memory);

	/* The words are for people. */
	if (!failed && run->options.output == &breakdown_outputs[0]) {
		fputc('\n', memory);
		breakdown_words(&run->breakdown, memory);
	}
	if ((memory && fclose(memory)) || failed) {
		complain("can't make the report: %s", strerror(errno ? errno : ENOMEM));
		failed = -1;
	} else {
		failed = report_write_text(&run->report, text, size);
	}
	free(text);
	return failed;
}

static int breakdown_of(struct breakdown_run *run)
{
	char error[SAMPLER_ERROR];
	int status;

	run->sampler = sampler_new(run->options.frequency, error);
	if (!run->sampler) {
		complain("can't sample here: %s", error);
		return EXIT_FAILED;
	}
	follow_remember(&run->signals);
	if (pass_open(&run->watch)) {
		complain("can't take signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	run->input_start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	status = run_all(run);
	if (status >= 0)
		return status;
	return write_report(run) && went_well(run) ? EXIT_FAILED : -1;
}

int command_breakdown(int count, char **arguments)
{
	static struct breakdown_run run;
	int status = breakdown_options_parse(count, arguments, &run.options);

	if (status >= 0)
		return status;
	if (run.options.preload && preload_find(run.options.preload, run.preload))
		return EXIT_FAILED;
	if (report_open(&run.report, run.options.output_path))
		return EXIT_FAILED;
	status = breakdown_of(&run);
	if (run.report.descriptor >= 0)
		report_abandon(&run.report); /* else it is written */
	sampler_free(run.sampler);
	breakdown_free(&run.breakdown);
	return status >= 0 ? status : pass_end(run.target.status);
}
