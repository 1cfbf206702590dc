// SPDX-License-Identifier: MIT
#include "machine/machine_load.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_NS 250000000ULL

unsigned int machine_processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count > 0 ? count : 1;
}

double machine_load_average(void)
{
	double average;

	return getloadavg(&average, 1) == 1 ? average : NAN;
}

/* All time that is neither idle nor waiting for storage. Guests' time is in user time already. */
static uint64_t busy_ns(void)
{
	uint64_t user, nice, system, idle, waiting, interrupts, soft_interrupts, stolen;
	uint64_t tick = 1000000000ULL / sysconf(_SC_CLK_TCK);
	FILE *file = fopen("/proc/stat", "re");
	int got = 0;

	if (!file)
		return 0;
	got = fscanf(file,
	    "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &user,
	    &nice, &system, &idle, &waiting, &interrupts, &soft_interrupts, &stolen);
	fclose(file);
	return got == 8 ? (user + nice + system + interrupts + soft_interrupts + stolen) * tick : 0;
}

static uint64_t nanoseconds(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static struct machine_look look_now(uint64_t own_ns)
{
	struct machine_look look = {.busy_ns = busy_ns()};
	struct timespec now;
	struct rusage own;

	clock_gettime(CLOCK_MONOTONIC, &now);
	look.at_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	if (!getrusage(RUSAGE_SELF, &own))
		own_ns += nanoseconds(own.ru_utime) + nanoseconds(own.ru_stime);
	look.own_ns = own_ns;
	return look;
}

void machine_load_start(struct machine_load *load)
{
	*load = (struct machine_load){.processors = machine_processors(), .first = look_now(0), .count = 1};
	load->looks[0] = load->first;
}

static double share_since(
    const struct machine_load *load, const struct machine_look *before, const struct machine_look *now)
{
	double others = (double)(now->busy_ns - before->busy_ns) - (double)(now->own_ns - before->own_ns);

	if (!now->busy_ns || now->at_ns < before->at_ns + WINDOW_NS)
		return NAN;
	return fmin(1, fmax(0, others) / ((double)(now->at_ns - before->at_ns) * load->processors));
}

double machine_load_look(struct machine_load *load, uint64_t own_ns)
{
	struct machine_look now = look_now(own_ns);
	const struct machine_look *before = NULL;

	/* The latest that is old enough. */
	for (size_t i = 0; i < LOAD_LOOKS && i < load->count; i++) {
		const struct machine_look *look = &load->looks[i];

		if (look->at_ns + WINDOW_NS <= now.at_ns && (!before || look->at_ns > before->at_ns))
			before = look;
	}
	load->looks[load->count++ % LOAD_LOOKS] = now;
	/* So many looks in so short a time that all of them are younger: the first look is still old enough. */
	return share_since(load, before ? before : &load->first, &now);
}

double machine_load_whole(const struct machine_load *load)
{
	return share_since(load, &load->first, &load->looks[(load->count - 1) % LOAD_LOOKS]);
}
