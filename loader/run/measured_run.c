// SPDX-License-Identifier: MIT
/* Start, count, wait. See measured_run.h. */
#include "run/measured_run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process/target.h"

/* For the signal handler: whom to kill, and that nobody is to be started any more. */
static volatile sig_atomic_t group, stopped;

void measured_run_interrupt(void)
{
	stopped = 1;
	if (group)
		kill(-group, SIGKILL);
}

bool measured_run_interrupted(void)
{
	return stopped;
}

static uint64_t nanoseconds(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static uint64_t without(uint64_t all, uint64_t part)
{
	return all > part ? all - part : 0;
}

static void take_figures(struct measured_run *run, const struct target *target)
{
	run->status = target->status;
	run->wall_ns = target->wall_ns;
	run->user_ns = nanoseconds(target->usage.ru_utime);
	run->system_ns = nanoseconds(target->usage.ru_stime);
	run->minor = without(target->usage.ru_minflt, target->held_minor);
	run->major = without(target->usage.ru_majflt, target->held_major);
	run->max_rss_bytes = target->usage.ru_maxrss * 1024ULL;
	if (run->max_rss_bytes <= target->held_rss_bytes)
		run->max_rss_bytes = UNKNOWN;
}

/* Let it go, and wait. The group is known to the handler before the command can start anything. */
static int run_to_end(struct measured_run *run, struct target *target)
{
	group = target->pid;
	if (stopped) {
		target_abandon(target);
		group = 0;
		run->interrupted = true;
		return 0;
	}
	run->exec_error = target_go(target);
	if (!run->exec_error)
		target_wait(target);
	/* What it left behind must not run on into the next one's time. */
	kill(-group, SIGKILL);
	group = 0;
	run->interrupted = stopped;
	if (run->exec_error)
		return -1;
	if (target->lost && !run->interrupted) {
		snprintf(run->error, sizeof(run->error), "its status could not be had");
		return -1;
	}
	take_figures(run, target);
	return 0;
}

int measured_run(const struct measured_options *options, struct measured_run *run)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int streams[] = {nothing, options->output, options->errors};
	struct target_options target_options = {
	    .command = options->command,
	    .file = options->file,
	    .environment = options->environment,
	    .preload = options->preload,
	    .cpus = options->cpus,
	    .streams = streams,
	    .own_session = true,
	    .as_root = options->as_root,
	};
	struct counters counters;
	struct target target;
	struct rusage own;
	int failed;

	*run = (struct measured_run){.max_rss_bytes = UNKNOWN, .counted = NAN};
	memset(run->counters, 0xff, sizeof(run->counters));
	failed = target_start(&target, &target_options, run->error);
	if (!failed) {
		counters_open(&counters, options->counters, options->counter_count, target.pid);
		failed = run_to_end(run, &target);
		run->counted = counters_read(&counters, run->counters);
		counters_close(&counters);
	}
	if (nothing >= 0)
		close(nothing);
	if (!getrusage(RUSAGE_SELF, &own))
		run->launcher_ns = nanoseconds(own.ru_utime) + nanoseconds(own.ru_stime);
	return failed;
}
