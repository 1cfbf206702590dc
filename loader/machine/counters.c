// SPDX-License-Identifier: MIT
/* perf_event_open, and which raw event means what on whose processor. See counters.h. */
#include "machine/counters.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#define CACHE_MISS(cache) ((cache) | PERF_COUNT_HW_CACHE_OP_READ << 8 | (uint64_t)PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

static const struct counter everywhere[] = {
    {MEASURE_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {MEASURE_INSTRUCTIONS, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {MEASURE_TLB_MISSES, PERF_TYPE_HW_CACHE, CACHE_MISS(PERF_COUNT_HW_CACHE_DTLB)},
    {MEASURE_CACHE_MISSES, PERF_TYPE_HW_CACHE, CACHE_MISS(PERF_COUNT_HW_CACHE_L1D)},
};

/*
 * Cycles in which a page walk for a load is under way, in Intel's processors of family 6, by the kernel's own tables of
 * events (tools/perf/pmu-events): event, unit mask and
 * counter mask (1: cycles with any walk, where the event counts walks in flight). AMD has no event that counts them,
 * and processors with two kinds of cores need an event of each: both stay unmeasured.
 */
struct walk_event {
	uint64_t config;
	unsigned char models[16];
};

static const struct walk_event walk_events[] = {
    {0x0408, {0x2a, 0x2d, 0x25, 0x2c, 0x2f}},                       /* Westmere, Sandy Bridge */
    {0x8408, {0x3a, 0x3e}},                                         /* Ivy Bridge */
    {0x1008, {0x3c, 0x3f, 0x45, 0x46, 0x3d, 0x47, 0x4f, 0x56}},     /* Haswell, Broadwell */
    {0x01001008, {0x4e, 0x5e, 0x55, 0x8e, 0x9e, 0xa5, 0xa6}},       /* Skylake to Comet Lake */
    {0x01001008, {0x66, 0x6a, 0x6c, 0x7d, 0x7e, 0x8c, 0x8d, 0xa7}}, /* Ice Lake, Tiger and Rocket Lake */
    {0x01001012, {0x8f, 0xcf}},                                     /* Sapphire and Emerald Rapids */
};

/* The first number behind a name in /proc/cpuinfo. */
static unsigned int cpuinfo_number(const char *text, const char *name)
{
	const char *line = strstr(text, name), *colon = line ? strchr(line, ':') : NULL;
	unsigned int number = 0;

	return colon && sscanf(colon, ": %u", &number) == 1 ? number : 0;
}

static uint64_t walk_event_here(void)
{
	char text[4096];
	FILE *file = fopen("/proc/cpuinfo", "re");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	unsigned int model;

	if (file)
		fclose(file);
	text[length] = '\0';
	model = cpuinfo_number(text, "\nmodel\t");
	if (!strstr(text, "GenuineIntel") || cpuinfo_number(text, "cpu family") != 6)
		return 0;
	for (size_t i = 0; i < sizeof(walk_events) / sizeof(walk_events[0]); i++)
		if (model && memchr(walk_events[i].models, model, sizeof(walk_events[i].models)))
			return walk_events[i].config;
	return 0;
}

size_t counters_of_processor(struct counter table[COUNTERS_MOST])
{
	size_t count = sizeof(everywhere) / sizeof(everywhere[0]);
	uint64_t walk = walk_event_here();

	memcpy(table, everywhere, sizeof(everywhere));
	if (walk)
		table[count++] = (struct counter){MEASURE_WALK_CYCLES, PERF_TYPE_RAW, walk};
	return count;
}

/* The exec starts it, so that nothing of what comes before is in. */
static int open_counter(const struct counter *counter, pid_t pid)
{
	struct perf_event_attr attributes = {
	    .type = counter->type,
	    .size = sizeof(attributes),
	    .config = counter->config,
	    .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	    .disabled = 1,
	    .inherit = 1,
	    .enable_on_exec = 1,
	    .exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void explain(char why[COUNTERS_WHY], const struct counter *counter, int error)
{
	const char *title = measures[counter->measure].title;

	if (error == EACCES || error == EPERM)
		snprintf(why, COUNTERS_WHY,
		    "no %s: counting them needs root, CAP_PERFMON or kernel.perf_event_paranoid below 2", title);
	else if (error == ENOENT || error == ENODEV || error == EOPNOTSUPP)
		snprintf(
		    why, COUNTERS_WHY, "no %s: this machine offers no such counter (few virtual machines do)", title);
	else
		snprintf(why, COUNTERS_WHY, "no %s: %s", title, strerror(error));
}

size_t counters_that_work(struct counter table[COUNTERS_MOST], size_t count, char why[COUNTERS_WHY])
{
	size_t working = 0;

	why[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		int descriptor = open_counter(&table[i], 0);

		if (descriptor < 0) {
			if (!why[0])
				explain(why, &table[i], errno);
			continue;
		}
		close(descriptor);
		table[working++] = table[i];
	}
	return working;
}

void counters_open(struct counters *counters, const struct counter *table, size_t count, pid_t pid)
{
	*counters = (struct counters){.count = count};
	for (size_t i = 0; i < count; i++) {
		counters->open[i].measure = table[i].measure;
		counters->open[i].descriptor = open_counter(&table[i], pid);
	}
}

double counters_read(const struct counters *counters, uint64_t values[MEASURE_COUNT])
{
	double least = NAN;

	for (size_t i = 0; i < counters->count; i++) {
		struct {
			uint64_t value, enabled, running;
		} read_out;
		int descriptor = counters->open[i].descriptor;
		double share;

		values[counters->open[i].measure] = UNKNOWN;
		if (descriptor < 0 || read(descriptor, &read_out, sizeof(read_out)) != sizeof(read_out) ||
		    !read_out.running)
			continue;
		share = (double)read_out.running / read_out.enabled;
		least = isnan(least) ? share : fmin(least, share);
		values[counters->open[i].measure] =
		    read_out.running < read_out.enabled ? read_out.value / share : read_out.value;
	}
	return least;
}

void counters_close(struct counters *counters)
{
	for (size_t i = 0; i < counters->count; i++)
		if (counters->open[i].descriptor >= 0)
			close(counters->open[i].descriptor);
	counters->count = 0;
}
