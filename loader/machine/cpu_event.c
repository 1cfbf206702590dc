// SPDX-License-Identifier: MIT
/* Tries each event on ourselves. See cpu_event.h. */
#include "machine/cpu_event.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND     1000000000ULL
#define MEASURE_NS 5000000 /* long enough to learn how fast cycles come */

#define OURSELVES 0

/* pid: as perf_event_open() has it. */
static int open_counter(pid_t pid, uint32_t type, uint64_t config, bool kernel)
{
	struct perf_event_attr attributes = {.type = type,
	    .size = sizeof(attributes),
	    .config = config,
	    .exclude_kernel = !kernel,
	    .exclude_hv = !kernel};

	return syscall(SYS_perf_event_open, &attributes, pid, pid == PERF_EVERY_TASK ? sched_getcpu() : -1, -1,
	    PERF_FLAG_FD_CLOEXEC);
}

static bool can_sample_everywhere(void)
{
	int counter = open_counter(PERF_EVERY_TASK, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, true);

	if (counter < 0)
		return false;
	close(counter);
	return true;
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/*
 * Cycles a second while something runs. A fixed number of cycles is one sample: a period that the kernel adapts would
 * make samples of different weight.
 */
static uint64_t cycles_per_second(int counter)
{
	uint64_t start = now_ns(), end = start, cycles = 0, before = 0;

	if (read(counter, &before, sizeof(before)) != sizeof(before))
		return 0;
	while (end - start < MEASURE_NS)
		end = now_ns();
	if (read(counter, &cycles, sizeof(cycles)) != sizeof(cycles))
		return 0;
	return (cycles - before) * (double)SECOND / (end - start);
}

static bool choose_cycles(struct cpu_event *event, unsigned int frequency)
{
	int counter = open_counter(OURSELVES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, event->kernel);
	uint64_t speed = counter >= 0 ? cycles_per_second(counter) : 0;

	if (counter >= 0)
		close(counter);
	if (speed < frequency)
		return false;
	*event = (struct cpu_event){.name = "cycles",
	    .type = PERF_TYPE_HARDWARE,
	    .config = PERF_COUNT_HW_CPU_CYCLES,
	    .period = speed / frequency,
	    .kernel = event->kernel,
	    .everywhere = event->everywhere};
	return true;
}

static void choose_clock(struct cpu_event *event, unsigned int frequency)
{
	*event = (struct cpu_event){.name = "cpu-clock",
	    .type = PERF_TYPE_SOFTWARE,
	    .config = PERF_COUNT_SW_CPU_CLOCK,
	    .period = SECOND / frequency,
	    .is_clock = true,
	    .kernel = event->kernel,
	    .everywhere = event->everywhere};
}

static int failed(char error[CPU_EVENT_ERROR], int code)
{
	snprintf(error, CPU_EVENT_ERROR, "perf_event_open refused: %s%s", strerror(code),
	    code == EACCES || code == EPERM
	        ? "; this needs root, CAP_PERFMON, or kernel.perf_event_paranoid at 2 or less"
	        : "");
	return -1;
}

int cpu_event_choose(struct cpu_event *event, unsigned int frequency, char error[CPU_EVENT_ERROR])
{
	int counter;

	event->kernel = true;
	counter = open_counter(OURSELVES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, true);
	if (counter < 0 && (errno == EACCES || errno == EPERM)) {
		event->kernel = false;
		counter = open_counter(OURSELVES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, false);
	}
	if (counter < 0)
		return failed(error, errno);
	close(counter);
	event->everywhere = can_sample_everywhere();
	if (!choose_cycles(event, frequency))
		choose_clock(event, frequency);
	return 0;
}

struct perf_ring *cpu_event_open(const struct cpu_event *event, pid_t pid, char error[CPU_EVENT_ERROR])
{
	const struct perf_source source = {.type = event->type,
	    .config = event->config,
	    .period = event->period,
	    .user_only = !event->kernel,
	    .stacks = true};
	struct perf_ring *ring = perf_ring_open_sources(event->everywhere ? PERF_EVERY_TASK : pid, &source, 1);

	if (!ring)
		failed(error, errno);
	return ring;
}

#define WORK_NS    3000000 /* a dozen samples */
#define WORK_TIMES 7       /* of either, in turn; the least counts, in which others disturbed us least */

static uint64_t own_time_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static uint64_t work_ns(uint64_t rounds)
{
	uint64_t start = own_time_ns();

	for (volatile uint64_t i = 0; i < rounds; i++)
		;
	return own_time_ns() - start;
}

static void drop(void *context, const struct perf_record *record)
{
	(void)context;
	(void)record;
}

double cpu_event_overhead(const struct cpu_event *event)
{
	uint64_t without = UINT64_MAX, with = UINT64_MAX, rounds = 1 << 20;
	char error[CPU_EVENT_ERROR];

	/* An event of a task begins with its exec. */
	if (!event->everywhere)
		return NAN;
	rounds = (double)rounds * WORK_NS / (work_ns(rounds) + 1);
	for (int i = 0; i < WORK_TIMES; i++) {
		struct perf_ring *ring;
		uint64_t time = work_ns(rounds);

		without = time < without ? time : without;
		ring = cpu_event_open(event, OURSELVES, error);
		if (!ring)
			return NAN;
		time = work_ns(rounds);
		with = time < with ? time : with;
		perf_ring_drain(ring, true, drop, NULL);
		perf_ring_close(ring);
	}
	return with > without ? (double)(with - without) / without : 0;
}
