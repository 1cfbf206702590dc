// SPDX-License-Identifier: MIT
/*
 * A child that times page faults and system calls of its own, run anew for each measurement. What differs between the
 * measurements is to be our hooks and nothing else: all are on one processor, and half of the batches get pages that
 * the others gave back, for one that is in no cache takes up to a quarter longer to clear.
 */
#include "trace/price.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf/types.h"
#include "process/target.h"
#include "trace/asides.h"
#include "trace/tracer.h"

#define BATCHES      32
#define PASS_BATCHES 16 /* until the pages are given back; the next ones get the same */
#define BATCH_PAGES  32
#define BATCH_CALLS  32
#define PAGE         4096
#define PAGES        (PASS_BATCHES * BATCH_PAGES)

struct answer {
	double fault_ns; /* each in other 64 pages than the one before, so that none is of a sweep (bpf/sweep.h) */
	double swept_ns; /* one page behind the other */
	double call_ns;
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first, b = *(const double *)second;

	return a < b ? -1 : a > b;
}

/* Neither what interrupted some batches counts, nor the luck of one: a quarter of them took less. */
static double lower_quartile(double each[BATCHES])
{
	qsort(each, BATCHES, sizeof(*each), compare);
	return each[BATCHES / 4];
}

/* `apart` pages lie between each and the next. */
static double time_faults(size_t apart)
{
	size_t size = (size_t)PAGES * PAGE;
	volatile char *pages = NULL;
	double each[BATCHES];

	for (size_t batch = 0, page = 0; batch < BATCHES; batch++) {
		double begin;

		if (batch % PASS_BATCHES == 0) {
			if (pages)
				munmap((void *)pages, size);
			pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (pages == MAP_FAILED)
				return 0;
			page = 0;
		}
		begin = now_ns();
		for (size_t i = 0; i < BATCH_PAGES; i++) {
			pages[page * PAGE] = 1;
			page += apart;
			if (page >= PAGES)
				page -= PAGES - 1;
		}
		each[batch] = (now_ns() - begin) / BATCH_PAGES;
	}
	munmap((void *)pages, size);
	return lower_quartile(each);
}

static double time_calls(void)
{
	double each[BATCHES];

	for (size_t batch = 0; batch < BATCHES; batch++) {
		double begin = now_ns();

		for (size_t i = 0; i < BATCH_CALLS; i++)
			syscall(SYS_getppid);
		each[batch] = (now_ns() - begin) / BATCH_CALLS;
	}
	return lower_quartile(each);
}

int price_child(const char *descriptor)
{
	struct answer *answer =
	    mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor ? atoi(descriptor) : -1, 0);

	if (answer == MAP_FAILED)
		return 1;
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	answer->fault_ns = time_faults(SWEEP_PAGES);
	answer->swept_ns = time_faults(1);
	answer->call_ns = time_calls();
	return 0;
}

/* Traced when a tracer is given. */
static int run_child(struct tracer *tracer, const cpu_set_t *cpus, char *descriptor)
{
	const struct target_options options = {.command = (char *const[]){PRICE_NAME, descriptor, NULL},
	    .file = "/proc/self/exe",
	    .cpus = cpus,
	    .as_root = true,
	    .bare = true};
	char error[TARGET_ERROR];
	struct target target;
	int status = 0;

	if (target_start(&target, &options, error))
		return -1;
	if (tracer && tracer_arm(tracer, target.pid, error)) {
		target_abandon(&target);
		return -1;
	}
	if (target_go(&target) || waitpid(target.pid, &status, 0) != target.pid)
		return -1;
	return status;
}

static int measure(struct tracer *tracer, const cpu_set_t *cpus, struct answer *answer)
{
	int memory = memfd_create("hakmem-trace price", 0), result = -1; /* the child inherits it */
	struct answer *shared;
	char descriptor[16];

	if (memory < 0)
		return -1;
	snprintf(descriptor, sizeof(descriptor), "%d", memory);
	shared = ftruncate(memory, sizeof(*shared))
	             ? MAP_FAILED
	             : mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (shared != MAP_FAILED) {
		result = run_child(tracer, cpus, descriptor);
		*answer = *shared;
		munmap(shared, sizeof(*shared));
	}
	close(memory);
	return result || !answer->fault_ns || !answer->swept_ns || !answer->call_ns ? -1 : 0;
}

/* A difference of two measurements; noise can make it negative. */
static double added(double with, double without)
{
	return with > without ? with - without : 0;
}

void price_measure_untraced(struct price *price)
{
	struct answer answer;
	int processor = sched_getcpu();

	CPU_ZERO(&price->cpus);
	CPU_SET(processor < 0 ? 0 : processor, &price->cpus);
	price->known = !measure(NULL, &price->cpus, &answer);
	if (!price->known)
		return;
	price->untraced_fault_ns = answer.fault_ns;
	price->untraced_swept_ns = answer.swept_ns;
	price->untraced_call_ns = answer.call_ns;
}

void price_measure_traced(struct tracer *tracer)
{
	struct price *price = &tracer->price;
	struct answer counted, timed;

	if (!price->known)
		return;
	asides_sample_seldom(tracer); /* else those of a run's first pages would be taken for every page's */
	price->known = !tracer_time(tracer, false, 0) && !measure(tracer, &price->cpus, &counted) &&
	               !tracer_time(tracer, true, FAULT_EVENTS_EVERYWHERE) && !measure(tracer, &price->cpus, &timed);
	tracer_time(tracer, false, 0);
	if (!price->known)
		return;
	price->fault = added(counted.fault_ns, price->untraced_fault_ns);
	price->swept = added(counted.swept_ns, price->untraced_swept_ns);
	price->timed = added(timed.fault_ns, counted.fault_ns);
	price->call = added(counted.call_ns, price->untraced_call_ns);
}

double price_of_counting(const struct price *price, const struct totals *totals)
{
	uint64_t others = totals->minor + totals->major - totals->swept;

	return price->fault * others + price->swept * totals->swept + price->call * totals->calls;
}

double price_of(const struct price *price, const struct totals *totals)
{
	return price_of_counting(price, totals) + price->timed * totals->timed;
}
