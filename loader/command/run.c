// SPDX-License-Identifier: MIT
/* hakmem-trace COMMAND: trace a command from its exec to its end, then report. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/preload.h"
#include "command/report.h"
#include "trace/calibrate.h"
#include "trace/collect.h"
#include "trace/costs.h"
#include "trace/functions.h"
#include "trace/privilege.h"
#include "trace/target.h"
#include "trace/timing.h"

struct run {
	struct options options;
	struct report report;
	struct tracer tracer;
	struct target target;
	struct costs costs;
	struct timing timing;
	int signals; /* signalfd */
	char preload[PATH_MAX];
};

/* Signals that end us or mean something to the command are taken one by one, so that neither is lost. */
static int take_signals(void)
{
	static const int taken[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
	/* A reader of the report, or a command, that goes away is an error of that write, not our end. */
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What a terminal sends it sends to the command as well; what was sent to us is passed on, unless by the command
 * itself. */
static void pass_signal(struct run *run)
{
	struct signalfd_siginfo information;

	while (read(run->signals, &information, sizeof(information)) == sizeof(information))
		if (information.ssi_signo != SIGCHLD && information.ssi_code <= 0 &&
		    information.ssi_pid != (uint32_t)run->target.pid)
			kill(run->target.pid, information.ssi_signo);
}

static void wait_for_end(struct run *run)
{
	struct pollfd ready[3] = {
	    {.fd = run->signals, .events = POLLIN},
	    {.fd = run->costs.listener, .events = POLLIN},
	    {.fd = run->timing.descriptor, .events = POLLIN},
	};

	while (!target_reap(&run->target)) {
		if (poll(ready, 3, -1) < 0 && errno != EINTR)
			break;
		if (ready[0].revents)
			pass_signal(run);
		if (ready[1].revents)
			costs_serve(&run->costs);
		if (ready[2].revents)
			timing_tick(&run->timing);
	}
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
	    .preload = preload,
	    .as_root = run->options.as_root,
	};
	char error[TARGET_ERROR];

	if (command_uses_hakmem(run->options.command[0], preload) && !costs_open(&run->costs, &run->tracer))
		options.costs_socket = run->costs.name;
	if (target_start(&run->target, &options, error)) {
		complain("%s", error);
		return -1;
	}
	/* Only now, so that the command inherits the signal mask that we were started with. */
	run->signals = take_signals();
	if (run->signals < 0) {
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

static int prepare_tracer(struct run *run)
{
	struct price price;
	char error[LADDER_ERROR];

	if (run->options.mark_functions)
		functions_want();
	price_measure_untraced(&price);
	if (calibrate_start_best(&run->tracer, &run->options.demand, run->options.verbose, error)) {
		complain("can't trace here: %s; hakmem-trace doctor says more", error);
		return -1;
	}
	run->tracer.price = price;
	price_measure_traced(&run->tracer);
	tracer_reset(&run->tracer);
	if (mark_functions(run))
		return -1;
	if (tracer_arm(&run->tracer, run->target.pid, error)) {
		complain("can't trace %s: %s", run->options.command[0], error);
		return -1;
	}
	return 0;
}

/* -1: it runs; else the exit status. */
static int let_go(struct run *run)
{
	const char *command = run->options.command[0];
	int code = target_go(&run->target);

	if (!code)
		return -1;
	complain("can't execute %s: %s", command,
	    code == ENOENT && !strchr(command, '/') ? "command not found" : strerror(code));
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

static char **copy_command(char *const *command)
{
	size_t count = 0;
	char **copy;

	while (command[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = strdup(command[i]);
	return copy;
}

static uint64_t nanoseconds(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static int describe_run(struct run *run, struct snapshot *snapshot)
{
	int status = run->target.status;

	snapshot->command = copy_command(run->options.command);
	snapshot->pid = run->target.pid;
	snapshot->wall_ns = run->target.wall_ns;
	snapshot->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	snapshot->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	snapshot->totals.user_ns = nanoseconds(run->target.usage.ru_utime);
	snapshot->totals.system_ns = nanoseconds(run->target.usage.ru_stime);
	snapshot->totals.max_rss_bytes = run->target.usage.ru_maxrss * 1024ULL;
	if (snapshot->totals.max_rss_bytes <= run->target.held_rss_bytes)
		snapshot->totals.max_rss_bytes = UNKNOWN; /* less than its launcher's, which hides it */
	return snapshot->command ? 0 : -1;
}

static int make_report(struct run *run)
{
	struct snapshot *snapshot = snapshot_new();
	char error[TRACER_ERROR] = "out of memory";
	int result = -1;

	if (snapshot && !describe_run(run, snapshot) && !collect(&run->tracer, snapshot, error))
		result = report_write(&run->report, run->options.output, snapshot);
	else
		complain("%s", error);
	snapshot_free(snapshot);
	return result;
}

/* End as the command did: with its status, or by its signal (the core is the command's to leave, not ours). */
static int end_as(int status)
{
	static const struct rlimit no_core = {};
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	raise(WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + WTERMSIG(status);
}

static int trace_command(struct run *run)
{
	int status;

	if (hold_command(run))
		return EXIT_FAILED;
	if (prepare_tracer(run)) {
		target_abandon(&run->target);
		return EXIT_FAILED;
	}
	timing_start(&run->timing, &run->tracer, run->options.max_overhead);
	status = let_go(run);
	if (status >= 0)
		return status;
	wait_for_end(run);
	timing_stop(&run->timing);
	tracer_stop(&run->tracer);
	if (run->target.lost) {
		complain("%s ended, but its status could not be had: no report", run->options.command[0]);
		return EXIT_FAILED;
	}
	return -1;
}

int command_run(int count, char **arguments)
{
	struct run run = {.costs = {.listener = -1}};
	int status = options_parse(count, arguments, &run.options);

	if (status >= 0)
		return status;
	if (privilege_missing()) {
		complain("tracing needs %s: run it as root (sudo) or give it these capabilities", privilege_missing());
		return EXIT_FAILED;
	}
	if (run.options.preload && preload_find(run.options.preload, run.preload))
		return EXIT_FAILED;
	if (report_open(&run.report, run.options.output_path))
		return EXIT_FAILED;
	status = trace_command(&run);
	if (status >= 0) {
		report_abandon(&run.report);
	} else {
		bool failed = make_report(&run) != 0;
		bool succeeded = WIFEXITED(run.target.status) && !WEXITSTATUS(run.target.status);

		if (failed)
			report_abandon(&run.report);
		/* The command's own end comes first; a report that failed has said so. */
		status = failed && succeeded ? EXIT_FAILED : -1;
	}
	costs_close(&run.costs);
	tracer_close(&run.tracer);
	return status >= 0 ? status : end_as(run.target.status);
}
