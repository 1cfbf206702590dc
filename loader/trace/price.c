// SPDX-License-Identifier: MIT
/* The child's answers, and what they come to. */
#include "trace/price.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/types.h"
#include "process/target.h"
#include "trace/asides.h"
#include "trace/hook_times.h"
#include "trace/tracer.h"

/* What is asked of a child. */
struct measurement {
	struct tracer *tracer; /* NULL: it is not traced */
	const cpu_set_t *cpus;
	struct hook_times *times; /* NULL: they are not taken */
	unsigned int phases;      /* a bit for each that the child is to go through */
	double counted[PRICE_PHASES];
	struct price_answer answer;
};

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first, b = *(const double *)second;

	return a < b ? -1 : a > b;
}

/* A host that takes the processor away in the middle of a hook makes one part long: not the longest ones. */
static double of_parts(double each[PRICE_PARTS])
{
	qsort(each, PRICE_PARTS, sizeof(*each), compare);
	return each[PRICE_PARTS / 2 - 1];
}

/* The child has come to the end of a part, or to the begin of the first. */
static int await(int socket)
{
	char byte;

	return read(socket, &byte, 1) == 1 ? 0 : -1;
}

static int let_go(int socket)
{
	return send(socket, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int follow_phase(struct measurement *measurement, int phase, int socket)
{
	double each[PRICE_PARTS] = {};

	for (int part = 0; part < PRICE_PARTS; part++) {
		if (measurement->times)
			hook_times_begin(measurement->times);
		if (let_go(socket) || await(socket))
			return -1;
		if (measurement->times)
			each[part] = hook_times_end(measurement->times, PRICE_EVENTS / PRICE_PARTS);
	}
	measurement->counted[phase] = of_parts(each);
	return 0;
}

static int follow(struct measurement *measurement, int socket)
{
	if (await(socket))
		return -1;
	for (int phase = 0; phase < PRICE_PHASES; phase++)
		if (measurement->phases >> phase & 1 && follow_phase(measurement, phase, socket))
			return -1;
	return let_go(socket);
}

static int run_child(struct measurement *measurement, char *task, int sockets[2])
{
	const struct target_options options = {.command = (char *const[]){PRICE_NAME, task, NULL},
	    .file = "/proc/self/exe",
	    .cpus = measurement->cpus,
	    .as_root = true,
	    .bare = true};
	char error[TARGET_ERROR];
	struct target target;
	int status = 0, followed;

	if (target_start(&target, &options, error))
		return -1;
	close(sockets[1]); /* so that the child's end is seen */
	sockets[1] = -1;
	if (measurement->tracer && tracer_arm(measurement->tracer, target.pid, error)) {
		target_abandon(&target);
		return -1;
	}
	if (target_go(&target))
		return -1;
	followed = follow(measurement, sockets[0]);
	return waitpid(target.pid, &status, 0) != target.pid || status || followed ? -1 : 0;
}

static bool is_answered(unsigned int phases, const struct price_answer *answer)
{
	for (int phase = 0; phase < PRICE_PHASES; phase++)
		if (phases >> phase & 1 && !answer->each_ns[phase])
			return false;
	return true;
}

static int measure_in(struct measurement *measurement, int memory)
{
	struct price_answer *shared;
	char task[48];
	int sockets[2], result;

	shared = ftruncate(memory, sizeof(*shared))
	             ? MAP_FAILED
	             : mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (shared == MAP_FAILED)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) {
		munmap(shared, sizeof(*shared));
		return -1;
	}
	fcntl(sockets[0], F_SETFD, FD_CLOEXEC);
	snprintf(task, sizeof(task), "%d,%d,%x", memory, sockets[1], measurement->phases);
	result = run_child(measurement, task, sockets);
	measurement->answer = *shared;
	close(sockets[0]);
	if (sockets[1] >= 0)
		close(sockets[1]);
	munmap(shared, sizeof(*shared));
	return result || !is_answered(measurement->phases, &measurement->answer) ? -1 : 0;
}

static int measure(struct measurement *measurement)
{
	int memory = memfd_create("hakmem-trace price", 0), result; /* the child inherits it */

	if (memory < 0)
		return -1;
	result = measure_in(measurement, memory);
	close(memory);
	return result;
}

/* A difference of two measurements; noise can make it negative. */
static double added(double with, double without)
{
	return with > without ? with - without : 0;
}

void price_measure_untraced(struct price *price, const struct selection *selection)
{
	struct measurement untraced = {.cpus = &price->cpus, .phases = PRICE_ALL};
	int processor = sched_getcpu();

	CPU_ZERO(&price->cpus);
	CPU_SET(processor < 0 ? 0 : processor, &price->cpus);
	price->known = hook_times_tell(selection) || is_answered(PRICE_ALL, &price->untraced) || !measure(&untraced);
	if (untraced.answer.each_ns[0])
		price->untraced = untraced.answer;
}

static int measure_traced(struct tracer *tracer, struct hook_times *times)
{
	struct price *price = &tracer->price;
	struct measurement counted = {.tracer = tracer, .cpus = &price->cpus, .times = times, .phases = PRICE_ALL},
	                   timed = {.tracer = tracer, .cpus = &price->cpus, .phases = 1U << PRICE_FAULT};

	if (tracer_time(tracer, false, 0) || measure(&counted) || tracer_time(tracer, true, FAULT_EVENTS_EVERYWHERE) ||
	    measure(&timed))
		return -1;
	for (int phase = 0; phase < PRICE_PHASES; phase++)
		price->counted[phase] = times ? counted.counted[phase]
		                              : added(counted.answer.each_ns[phase], price->untraced.each_ns[phase]);
	price->timed = added(timed.answer.each_ns[PRICE_FAULT], counted.answer.each_ns[PRICE_FAULT]);
	return 0;
}

void price_measure_traced(struct tracer *tracer)
{
	struct hook_times times;
	bool taken;

	if (!tracer->price.known)
		return;
	asides_sample_seldom(tracer); /* else those of a run's first pages would be taken for every page's */
	taken = !hook_times_start(&times, tracer);
	if (!taken && !is_answered(PRICE_ALL, &tracer->price.untraced)) {
		tracer->price.known = false; /* the statistics are gone that there were */
		return;
	}
	tracer->price.known = !measure_traced(tracer, taken ? &times : NULL);
	hook_times_stop(&times);
	tracer_time(tracer, false, 0);
}

double price_of_counting(const struct price *price, const struct totals *totals)
{
	const double *each = price->counted;
	uint64_t others = totals->minor + totals->major - totals->swept;

	return each[PRICE_FAULT] * others + each[PRICE_SWEPT] * totals->swept +
	       added(each[PRICE_MOVED], each[PRICE_SWEPT]) * totals->moved + each[PRICE_CALL] * totals->calls;
}

double price_of(const struct price *price, const struct totals *totals)
{
	return price_of_counting(price, totals) + price->timed * totals->timed;
}
