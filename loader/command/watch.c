// SPDX-License-Identifier: MIT
/* A signalfd, two timerfds and poll. */
#include "command/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ULL

uint64_t watch_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

int watch_open(struct watch *watch, const int *signals, size_t count)
{
	sigset_t set;

	*watch = (struct watch){.interval = -1, .duration = -1, .other = -1, .view = -1, .timing.descriptor = -1};
	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return watch->signals < 0 ? -1 : 0;
}

/* A timer's descriptor, -1 for none. */
static int start_timer(int *timer, uint64_t first_ns, uint64_t every_ns)
{
	struct itimerspec times = {
	    .it_value = {.tv_sec = first_ns / SECOND, .tv_nsec = first_ns % SECOND},
	    .it_interval = {.tv_sec = every_ns / SECOND, .tv_nsec = every_ns % SECOND},
	};

	if (!first_ns)
		return 0;
	*timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return *timer < 0 ? -1 : timerfd_settime(*timer, 0, &times, NULL);
}

int watch_start(struct watch *watch, const struct options *options, struct tracer *tracer)
{
	timing_start(&watch->timing, tracer, options->max_overhead);
	return start_timer(&watch->interval, options->interval_ns, options->interval_ns) ||
	               start_timer(&watch->duration, options->duration_ns, 0)
	           ? -1
	           : 0;
}

static void drop(int *timer)
{
	if (*timer >= 0)
		close(*timer);
	*timer = -1;
}

void watch_interval(struct watch *watch, uint64_t interval_ns)
{
	drop(&watch->interval);
	if (start_timer(&watch->interval, interval_ns, interval_ns))
		drop(&watch->interval);
}

void watch_stop(struct watch *watch)
{
	drop(&watch->interval);
	drop(&watch->duration);
	timing_stop(&watch->timing);
}

static unsigned int rang(int timer, const struct pollfd *ready, unsigned int event)
{
	uint64_t times;

	return ready->revents && read(timer, &times, sizeof(times)) == sizeof(times) ? event : 0;
}

unsigned int watch_wait(struct watch *watch, int patience_ms)
{
	struct pollfd ready[] = {
	    {.fd = watch->signals, .events = POLLIN},
	    {.fd = watch->interval, .events = POLLIN},
	    {.fd = watch->duration, .events = POLLIN},
	    {.fd = watch->other, .events = POLLIN},
	    {.fd = watch->timing.descriptor, .events = POLLIN},
	    {.fd = watch->timing.tracer ? tracer_descriptor(watch->timing.tracer) : -1, .events = POLLIN},
	    {.fd = watch->view, .events = POLLIN},
	};

	if (poll(ready, sizeof(ready) / sizeof(ready[0]), patience_ms) <= 0)
		return 0;
	if (ready[4].revents)
		timing_tick(&watch->timing);
	if (ready[5].revents)
		tracer_drain(watch->timing.tracer);
	return (ready[0].revents ? WATCH_SIGNAL : 0) | rang(watch->interval, &ready[1], WATCH_INTERVAL) |
	       rang(watch->duration, &ready[2], WATCH_DURATION) | (ready[3].revents ? WATCH_OTHER : 0) |
	       (ready[6].revents ? WATCH_VIEW : 0);
}
