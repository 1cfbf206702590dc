// SPDX-License-Identifier: MIT
/* Windows of timing within a budget. */
#include "trace/timing.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "bpf/types.h"
#include "trace/strata.h"

#define WINDOW_NS  1e6   /* long enough for hundreds of faults, short beside what a program does in one phase */
#define LONGEST_NS 500e6 /* between two windows */

/* Looks are rarer while nobody faults. */
#define LONGEST_LOOK_NS 20e6

/* Where events are opened for timing, who else faults pays for them: after so long without a fault they are closed. */
#define IDLE_NS 2e9
#define REST_NS 100e6

/* Timing has this share also where counting alone takes up all that is allowed: some must be timed. */
#define LEAST_SHARE 0.002

/* So many processors' faults are timed at once, where each needs an event of its own opened. */
#define TIMING_PROCESSORS 8

/* Windows are a stratum together until they have so many timed faults. */
#define STRATUM_TIMED 1000

/* Looking at all rows, for the end of a stratum, takes at most this share of our time. */
#define STRATUM_SHARE 0.02

/* What may be spent ahead: short programs are timed throughout. */
#define ADVANCE_NS 1e6

/* Of `mean`, between a half and one and a half. */
static double about(double mean)
{
	return mean * (0.5 + (double)rand() / RAND_MAX);
}

static void wake_after(struct timing *timing, double ns)
{
	struct itimerspec when = {.it_value = {.tv_sec = ns / 1e9, .tv_nsec = (long)ns % 1000000000}};

	timerfd_settime(timing->descriptor, 0, &when, NULL);
}

static void open_window(struct timing *timing, size_t processors)
{
	timing->open = !tracer_time(timing->tracer, true, processors);
	timing->throughout = false;
	wake_after(timing, about(WINDOW_NS));
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/*
 * What was timed until now stands for what was counted until now. The first stratum is the beginning of the run, all of
 * which is timed. Where the rows can't be had, or not yet again, the stratum goes on.
 */
static void end_stratum(struct timing *timing, uint64_t timed)
{
	double now = now_ns();

	if (!timing->tracer->skeleton || now < timing->next_end_ns)
		return;
	strata_end(timing->tracer);
	timing->timed = timed;
	timing->next_end_ns = now + (now_ns() - now) / STRATUM_SHARE;
}

/*
 * Whoever faults little is timed throughout: a window that opens now and then would miss it, and what was timed as it
 * started would be taken for all that came later. Only who has not faulted for long is left alone, until the first
 * fault that is counted. Returns whether that applies.
 */
static bool rest_while_idle(struct timing *timing, const struct totals *totals)
{
	uint64_t faults = totals->minor + totals->major;
	double now = now_ns();

	if (faults != timing->faults || !timing->last_fault_ns)
		timing->last_fault_ns = now;
	timing->faults = faults;
	timing->idle_ns = now - timing->last_fault_ns;
	/* From most 1 on every fault is wanted, also the first after a rest. */
	if (timing->most >= 1 || timing->tracer->events_always || timing->idle_ns < IDLE_NS)
		return false;
	tracer_time(timing->tracer, false, 0);
	timing->open = false;
	timing->rests = true;
	end_stratum(timing, totals->timed);
	wake_after(timing, about(REST_NS));
	return true;
}

static void look_for_faults(struct timing *timing)
{
	struct totals totals;

	if (tracer_totals(timing->tracer, &totals) || totals.minor + totals.major == timing->faults) {
		wake_after(timing, about(REST_NS));
		return;
	}
	timing->rests = false;
	open_window(timing, FAULT_EVENTS_EVERYWHERE);
}

/* As long as nobody has faulted: it is a budget for faults that is looked at. */
static double look_after(double idle_ns)
{
	if (idle_ns < WINDOW_NS)
		return WINDOW_NS;
	return idle_ns < LONGEST_LOOK_NS ? idle_ns : LONGEST_LOOK_NS;
}

/* Stay open while there is something left to spend, else close until there will be again. */
static void look_at_budget(struct timing *timing)
{
	struct totals totals;
	double counting, share, left;

	if (tracer_totals(timing->tracer, &totals)) {
		wake_after(timing, WINDOW_NS);
		return;
	}
	if (rest_while_idle(timing, &totals))
		return;
	counting = price_of_counting(&timing->tracer->price, &totals) + tracer_stack_cost(timing->tracer);
	share = timing->most - (totals.runtime_ns ? counting / totals.runtime_ns : 0);
	if (share < LEAST_SHARE)
		share = LEAST_SHARE;
	left = share * totals.runtime_ns + ADVANCE_NS - timing->tracer->price.timed * totals.timed;
	if (left > 0) {
		/* From here on all is timed, of what was before only some. */
		if (!timing->throughout)
			end_stratum(timing, totals.timed);
		timing->throughout = true;
		wake_after(timing, about(look_after(timing->idle_ns)));
		return;
	}
	tracer_time(timing->tracer, false, 0);
	timing->open = false;
	if (timing->throughout || totals.timed - timing->timed >= STRATUM_TIMED)
		end_stratum(timing, totals.timed);
	left = about(-left / share + WINDOW_NS);
	wake_after(timing, left < LONGEST_NS ? left : LONGEST_NS);
}

void timing_start(struct timing *timing, struct tracer *tracer, double most)
{
	*timing = (struct timing){.tracer = tracer, .most = most, .descriptor = -1};
	if (most <= 0) {
		tracer_time(tracer, false, 0);
		return;
	}
	srand(getpid());
	timing->descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	timing->throughout = true;
	timing->open = !tracer_time(tracer, true, FAULT_EVENTS_EVERYWHERE);
	wake_after(timing, about(WINDOW_NS));
}

void timing_tick(struct timing *timing)
{
	uint64_t expirations;

	if (read(timing->descriptor, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	if (timing->open)
		look_at_budget(timing);
	else if (timing->rests)
		look_for_faults(timing);
	else
		open_window(timing, TIMING_PROCESSORS);
}

void timing_stop(struct timing *timing)
{
	if (timing->descriptor >= 0)
		close(timing->descriptor);
	timing->descriptor = -1;
}
