// SPDX-License-Identifier: MIT
/* Windows of timing within a budget. */
#include "trace/timing.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bpf/types.h"

#define WINDOW_NS  1e6   /* long enough for hundreds of faults, short beside what a program does in one phase */
#define LONGEST_NS 500e6 /* between two windows */

/* About 20 ms without a fault, then pauses of up to 100 ms. */
#define IDLE_LOOKS      20
#define LONGEST_IDLE_NS 100e6

/* Timing has this share also where counting alone takes up all that is allowed: some must be timed. */
#define LEAST_SHARE 0.002

/* So many processors' faults are timed at once, where each needs an event of its own opened. */
#define TIMING_PROCESSORS 8

/* What may be spent ahead: short programs are timed throughout. */
#define ADVANCE_NS 5e5

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
	wake_after(timing, about(WINDOW_NS));
}

/*
 * Who waits needs no window, and where events are opened for it everybody else pays: after some looks in vain it is
 * closed, and opened again for a moment, ever more rarely. Returns whether that applies.
 */
static bool rest_while_idle(struct timing *timing, uint64_t timed)
{
	unsigned int over;
	double pause;

	if (timing->most >= 1)
		return false; /* every fault is wanted, also the first after a rest */
	timing->idle = timed == timing->last_timed ? timing->idle + 1 : 0;
	timing->last_timed = timed;
	if (timing->idle < IDLE_LOOKS)
		return false;
	over = timing->idle - IDLE_LOOKS;
	pause = over < 7 ? WINDOW_NS * (1 << over) : LONGEST_IDLE_NS;
	if (!timing->tracer->events_always) {
		tracer_time(timing->tracer, false, 0);
		timing->open = false;
	}
	wake_after(timing, about(pause));
	return true;
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
	if (rest_while_idle(timing, totals.timed))
		return;
	counting = price_of_counting(&timing->tracer->price, &totals) + tracer_stack_cost(timing->tracer);
	share = timing->most - (totals.runtime_ns ? counting / totals.runtime_ns : 0);
	if (share < LEAST_SHARE)
		share = LEAST_SHARE;
	left = share * totals.runtime_ns + ADVANCE_NS - timing->tracer->price.timed * totals.timed;
	if (left > 0) {
		wake_after(timing, about(WINDOW_NS));
		return;
	}
	tracer_time(timing->tracer, false, 0);
	timing->open = false;
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
	else
		open_window(timing, TIMING_PROCESSORS);
}

void timing_stop(struct timing *timing)
{
	if (timing->descriptor >= 0)
		close(timing->descriptor);
	timing->descriptor = -1;
}
