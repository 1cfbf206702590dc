// SPDX-License-Identifier: MIT
/* Windows, and what is left to spend. */
#include "assist/range_timing.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_NS   10e6 /* long enough for thousands of faults */
#define GREETING_NS 50e6 /* of one that has just come: what starts up does much that is no fault */
#define SHORTEST_NS 50e6 /* between two windows */
#define EACH_NS     4e6  /* and so much more for each client, whose event it takes time to switch */
#define LINGER_NS   5e9
#define LONGEST_NS  1e9
#define OWED_NS     2e9   /* then one comes whatever it costs */
#define SAVED_NS    100e6 /* what may be left to spend, or spent ahead, at most */

/* Of `mean`, between a half and one and a half: no program's own rhythm keeps in step. */
static double about(double mean)
{
	return mean * (0.5 + (double)rand() / RAND_MAX);
}

static void wake_after(struct range_timing *timing, double ns)
{
	struct itimerspec when = {.it_value = {.tv_sec = ns / 1e9, .tv_nsec = (long)ns % 1000000000}};

	timerfd_settime(timing->descriptor, 0, &when, NULL);
}

int range_timing_start(
    struct range_timing *timing, struct range_counter *counter, const struct range_price *price, double most)
{
	*timing = (struct range_timing){.counter = counter,
	    .price = *price,
	    .most = price->times ? most : 0,
	    .left_ns = SAVED_NS,
	    .resting = true,
	    .gap_ns = SHORTEST_NS,
	    .descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
	srand(getpid());
	return timing->descriptor < 0 || range_counter_totals(counter, &timing->last) ? -1 : 0;
}

static void open_window(struct range_timing *timing, double ns)
{
	range_counter_time(timing->counter, true);
	timing->open = true;
	timing->owed_ns = 0;
	wake_after(timing, about(ns));
}

/* Returns how many faults there were since the last look. */
static uint64_t look_at_budget(struct range_timing *timing)
{
	uint64_t runtime_ns = range_counter_runtime(timing->counter), faults;
	struct range_totals totals;

	if (range_counter_totals(timing->counter, &totals))
		return 0;
	faults = totals.faults - timing->last.faults;
	timing->left_ns += timing->most * runtime_ns - timing->price.fault * faults -
	                   timing->price.timed * (totals.timed - timing->last.timed);
	if (timing->left_ns > SAVED_NS)
		timing->left_ns = SAVED_NS;
	if (timing->left_ns < -SAVED_NS)
		timing->left_ns = -SAVED_NS;
	timing->last = totals;
	return faults;
}

static double shortest_gap(const struct range_timing *timing)
{
	return SHORTEST_NS + EACH_NS * timing->counter->count;
}

/* Ever later while nobody faults or nothing is left. */
static void close_window(struct range_timing *timing, uint64_t faults)
{
	range_counter_time(timing->counter, false);
	timing->open = false;
	timing->gap_ns = faults && timing->left_ns > 0 ? shortest_gap(timing) : 2 * timing->gap_ns;
	if (timing->gap_ns > LONGEST_NS)
		timing->gap_ns = LONGEST_NS;
	wake_after(timing, about(timing->gap_ns));
}

void range_timing_greet(struct range_timing *timing)
{
	bool rested = timing->resting;

	timing->resting = false;
	if (timing->open)
		return;
	if (timing->most > 0 && (timing->left_ns > 0 || timing->counter->count == 1)) {
		timing->gap_ns = shortest_gap(timing);
		open_window(timing, GREETING_NS);
	} else if (rested) {
		wake_after(timing, LONGEST_NS);
	}
}

/* After a while without a client nothing is attached until one comes. */
static void rest(struct range_timing *timing)
{
	if (!timing->resting) {
		range_counter_time(timing->counter, false);
		timing->open = false;
		wake_after(timing, LINGER_NS);
	} else {
		range_counter_detach(timing->counter);
	}
	timing->resting = true;
}

void range_timing_tick(struct range_timing *timing)
{
	uint64_t expirations, faults;

	if (read(timing->descriptor, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	if (!timing->counter->count) {
		rest(timing);
		return;
	}
	if (timing->most <= 0) {
		wake_after(timing, LONGEST_NS);
		return;
	}
	faults = look_at_budget(timing);
	if (timing->open) {
		close_window(timing, faults);
		return;
	}
	timing->owed_ns += timing->gap_ns;
	if (timing->left_ns > 0 || timing->owed_ns >= OWED_NS)
		open_window(timing, WINDOW_NS);
	else
		wake_after(timing, about(timing->gap_ns));
}

void range_timing_stop(struct range_timing *timing)
{
	if (timing->descriptor >= 0)
		close(timing->descriptor);
	timing->descriptor = -1;
}
