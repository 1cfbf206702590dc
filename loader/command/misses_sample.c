// SPDX-License-Identifier: MIT
/* The hardware's way: sample events that have data addresses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/misses.h"
#include "command/options.h"
#include "command/pass.h"
#include "command/preload.h"
#include "misses/miss_sampler.h"

/* Short at first: a program that ends soon has its table read, too, and the others have it read soon. */
#define SOON_US  250
#define SOON_NS  100000000ULL
#define LATER_MS 2

static int choose(const struct misses_options *options, struct miss_event_chosen chosen[MISS_EVENTS_MOST])
{
	char reason[MISS_EVENT_REASON];
	int count;

	for (count = 0; count < options->event_count; count++) {
		if (miss_event_choose(
		        PMU_ROOT, options->events[count].kind, options->events[count].period, &chosen[count], reason)) {
			complain("can't sample %s: %s", options->events[count].kind->name, reason);
			return -1;
		}
	}
	if (!count)
		count = miss_events_usual(PMU_ROOT, miss_events_in_virtual_machine(), chosen, reason);
	if (!count) {
		complain("%s", reason);
		return -1;
	}
	return count;
}

static void wait_for_end(struct watch *watch, struct target *target, struct miss_sampler *sampler)
{
	watch->other = miss_sampler_descriptor(sampler);
	while (!target_reap(target)) {
		bool soon = watch_now() - target->start_ns < SOON_NS;

		if (watch_wait(watch, soon ? 0 : LATER_MS) & WATCH_SIGNAL)
			pass_signals(watch, target->pid);
		if (soon)
			usleep(SOON_US);
		miss_sampler_tick(sampler);
	}
}

/* -1: it runs; else the exit status. */
static int let_go(const char *command, struct target *target)
{
	int code = target_go(target);

	if (!code)
		return -1;
	complain("can't execute %s: %s", command,
	    code == ENOENT && !strchr(command, '/') ? "command not found" : strerror(code));
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

/* A command on libhakmem whose table was never read, because it ended too soon: what its memory then passes for. */
static int finish(const struct misses_options *options, const char *preload, struct miss_sampler *sampler)
{
	int result = miss_sampler_stop(sampler);

	if (!sampler->has_readings && command_uses_hakmem(options->command[0], preload))
		result |= misses_limit(sampler->misses,
		    "libhakmem's table could not be read before the command ended: its memory is in anon");
	return result;
}

static int run(
    const struct misses_options *options, const char *preload, struct target *target, struct miss_sampler *sampler)
{
	struct watch watch;
	int status;

	if (pass_open(&watch)) {
		complain("can't take signals: %s", strerror(errno));
		target_abandon(target);
		return EXIT_FAILED;
	}
	status = let_go(options->command[0], target);
	if (status >= 0)
		return status;
	wait_for_end(&watch, target, sampler);
	if (!finish(options, preload, sampler))
		return -1;
	complain("out of memory");
	return EXIT_FAILED;
}

int misses_sample(
    const struct misses_options *options, const char *preload, struct target *target, struct misses *misses)
{
	struct target_options start = {.command = options->command, .preload = preload, .as_root = options->as_root};
	struct miss_event_chosen chosen[MISS_EVENTS_MOST];
	int count = choose(options, chosen), status;
	struct miss_sampler sampler;
	char error[TARGET_ERROR], reason[MISS_EVENT_REASON];

	if (count < 0)
		return EXIT_FAILED;
	if (target_start(target, &start, error)) {
		complain("%s", error);
		return EXIT_FAILED;
	}
	if (miss_sampler_start(&sampler, target->pid, chosen, count, misses, reason)) {
		complain("can't sample %s: %s", options->command[0], reason);
		target_abandon(target);
		return EXIT_FAILED;
	}
	status = run(options, preload, target, &sampler);
	miss_sampler_close(&sampler);
	return status;
}
