// SPDX-License-Identifier: MIT
/* hakmem-trace COMMAND: trace a command from its exec to its end, then report. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/attach.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/follow.h"
#include "command/live.h"
#include "command/live_recording.h"
#include "command/options.h"
#include "command/pass.h"
#include "command/preload.h"
#include "command/prepare.h"
#include "command/series.h"
#include "command/site_files.h"
#include "command/watch.h"
#include "snapshot/strings.h"
#include "assist/costs.h"
#include "trace/functions.h"
#include "machine/privilege.h"
#include "process/target.h"

struct run {
	struct options options;
	struct series series;
	struct tracer tracer;
	struct watch watch;
	struct target target;
	struct costs costs;
	bool finished; /* tracing, and the report is made */
	bool failed;   /* the report */
	bool asked;    /* to end everything, also what would stay */
	char preload[PATH_MAX];
};

/* Tracing is over, be it that the command has ended or the time. */
static void finish(struct run *run)
{
	watch_stop(&run->watch);
	series_stop(&run->series);
	if (run->target.lost)
		complain("%s ended, but its status could not be had: no report", run->options.command[0]);
	run->failed = run->target.lost || series_end(&run->series);
	run->finished = true;
}

/* The user has closed the view of a command that runs. */
static void close_early(struct run *run)
{
	if (!run->finished)
		finish(run);
	if (!run->asked && !run->options.live->leave)
		kill(run->target.pid, SIGTERM);
	run->asked = true;
}

static void wait_for_end(struct run *run)
{
	struct live *live = run->options.live;

	run->watch.view = live ? live->descriptor : -1;
	while (!target_reap(&run->target)) {
		unsigned int events;

		run->watch.other = run->costs.descriptor;
		events = watch_wait(&run->watch, -1);
		if (events & WATCH_SIGNAL)
			run->asked |= pass_signals(&run->watch, run->target.pid);
		if (events & WATCH_OTHER)
			costs_serve(&run->costs);
		if (events & WATCH_INTERVAL && series_interval(&run->series)) {
			run->failed = true;
			watch_stop(&run->watch);
		}
		if (events & WATCH_DURATION)
			finish(run);
		if (events & WATCH_VIEW)
			live_ready(live, &run->watch);
		if (live_closed(live)) {
			close_early(run);
			if (live->leave)
				return;
		}
	}
	if (live)
		live->command = 0;
	if (!run->finished)
		finish(run);
}

/*
 * Forked before anything large is in memory: getrusage's max_rss of the command is at least what its launcher's child
 * had (the kernel carries it across exec), so that must be little.
 */
static int hold_command(struct run *run)
{
	const char *preload = run->options.preload ? run->preload : NULL;
	struct target_options options = {
	    .command = run->options.command,
	    .environment = run->options.environment,
	    .preload = preload,
	    .as_root = run->options.as_root,
	    .streams = run->options.live ? run->options.live->streams : NULL,
	};
	char error[TARGET_ERROR];

	if (command_uses_hakmem(run->options.command[0], preload) && !costs_open(&run->costs, &run->tracer))
		options.costs_socket = run->costs.name;
	if (target_start(&run->target, &options, error)) {
		complain("%s", error);
		return -1;
	}
	if (run->options.live)
		run->options.live->command = run->target.pid;
	/* Only now, so that the command inherits the signal mask that we were started with. */
	if (pass_open(&run->watch)) {
		complain("can't take signals: %s", strerror(errno));
		target_abandon(&run->target);
		return -1;
	}
	return 0;
}

/* FUNCTION of the command's own file, or FILE:FUNCTION. */
static int mark_functions(struct run *run)
{
	for (size_t i = 0; i < run->options.mark_functions; i++) {
		const char *given = run->options.mark_function[i], *colon = strrchr(given, ':');
		char path[PATH_MAX], error[TRACER_ERROR];

		if (colon)
			snprintf(path, sizeof(path), "%.*s", (int)(colon - given), given);
		else if (!command_file(run->options.command[0], path))
			continue; /* that it isn't found is said when it is to run */
		if (functions_mark(&run->tracer, path, colon ? colon + 1 : given, error)) {
			complain("can't mark function %s: %s", given, error);
			return -1;
		}
	}
	return 0;
}

static int arm_tracer(struct run *run)
{
	char error[TRACER_ERROR];

	if (run->options.mark_functions)
		functions_want();
	if (prepare_tracer(&run->tracer, &run->options))
		return -1;
	if (run->tracer.perf && run->options.live) {
		complain(
		    "there is nothing to watch: the rung perf, all that works here, counts when a command has ended");
		return -1;
	}
	if (run->tracer.perf)
		run->options.interval_ns = 0;
	if (mark_functions(run))
		return -1;
	site_files_expect(&run->tracer, &run->options, run->options.preload ? run->preload : NULL);
	tracer_follow_children(&run->tracer, !run->options.only_itself);
	if (tracer_arm(&run->tracer, run->target.pid, error)) {
		complain("can't trace %s: %s", run->options.command[0], error);
		return -1;
	}
	return 0;
}

static uint64_t nanoseconds(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static void describe_end(const struct run *run, struct snapshot *snapshot)
{
	int status = run->target.status;

	snapshot->wall_ns = run->target.wall_ns;
	snapshot->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	snapshot->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	snapshot->totals.user_ns = nanoseconds(run->target.usage.ru_utime);
	snapshot->totals.system_ns = nanoseconds(run->target.usage.ru_stime);
	snapshot->totals.max_rss_bytes = run->target.usage.ru_maxrss * 1024ULL;
	if (snapshot->totals.max_rss_bytes <= run->target.held_rss_bytes)
		snapshot->totals.max_rss_bytes = UNKNOWN; /* less than its launcher's, which hides it */
}

static int describe(void *context, struct snapshot *snapshot)
{
	const struct run *run = context;
	bool failed = false;

	snapshot->command = strings_copy(run->options.command, &failed);
	snapshot->pid = run->target.pid;
	snapshot->running = !run->target.wall_ns;
	if (snapshot->running) {
		snapshot->wall_ns = watch_now() - run->series.start_ns;
		snapshot->totals.user_ns = snapshot->totals.system_ns = UNKNOWN;
		snapshot->totals.max_rss_bytes = UNKNOWN;
	} else {
		describe_end(run, snapshot);
	}
	return failed ? -1 : 0;
}

static int trace_command(struct run *run)
{
	int status;

	run->series.tracer = &run->tracer;
	run->series.describe = describe;
	run->series.context = run;
	if (hold_command(run))
		return EXIT_FAILED;
	if (arm_tracer(run)) {
		target_abandon(&run->target);
		return EXIT_FAILED;
	}
	if (series_start(&run->series, run->options.interval_ns) ||
	    watch_start(&run->watch, &run->options, &run->tracer)) {
		complain("can't start: %s", strerror(errno));
		target_abandon(&run->target);
		return EXIT_FAILED;
	}
	if (live_start(run->options.live, &run->tracer) || live_confine(run->options.live, &run->options)) {
		target_abandon(&run->target);
		return EXIT_FAILED;
	}
	status = follow_let_go(&run->target, run->options.command[0]);
	if (status >= 0)
		return status;
	wait_for_end(run);
	return run->options.live && run->options.live->leave ? 0 : -1;
}

/* Its options are parsed. */
static int carry_out(struct run *run)
{
	int status;

	if (privilege_missing()) {
		complain("tracing needs %s: run it as root (sudo) or give it these capabilities", privilege_missing());
		return EXIT_FAILED;
	}
	if (options_attach(&run->options))
		return attach_command(&run->options);
	if (run->options.preload && preload_find(run->options.preload, run->preload))
		return EXIT_FAILED;
	if (series_open(&run->series, &run->options))
		return EXIT_FAILED;
	if (live_open(run->options.live, &run->options)) {
		series_abandon(&run->series);
		return EXIT_FAILED;
	}
	status = trace_command(run);
	if (status >= 0 || run->failed)
		series_abandon(&run->series);
	/* The command's own end comes first; a report that failed has said so. */
	if (status < 0 && run->failed &&
	    (run->target.lost || (WIFEXITED(run->target.status) && !WEXITSTATUS(run->target.status))))
		status = EXIT_FAILED;
	costs_close(&run->costs);
	tracer_close(&run->tracer);
	if (status < 0 && !run->asked)
		live_stay(run->options.live, &run->watch);
	live_close(run->options.live); /* before pass_end(), which may not return */
	return status >= 0 ? status : pass_end(run->target.status);
}

int command_run(int count, char **arguments)
{
	struct run run = {.costs = {.descriptor = -1}};
	int status = options_parse(count, arguments, &run.options);

	return status >= 0 ? status : carry_out(&run);
}

int command_record(int count, char **arguments)
{
	struct run run = {.costs = {.descriptor = -1}};
	int status = options_parse_record(count, arguments, &run.options);

	return status >= 0 ? status : carry_out(&run);
}

int live_command(const struct live_view *view, int count, char **arguments)
{
	struct run run = {.costs = {.descriptor = -1}};
	struct live live = {.view = view, .descriptor = -1};
	int status = options_parse_live(count, arguments, &run.options, &live);

	if (status < 0)
		status = view->takes_recordings && live_is_recording(run.options.command)
		             ? live_show_recording(&live, &run.options)
		             : carry_out(&run);
	live_close(&live);
	return status;
}
