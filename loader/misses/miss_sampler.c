// SPDX-License-Identifier: MIT
#include "misses/miss_sampler.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "misses/data_source.h"
#include "process/owner.h"

#define KERNEL_ADDRESS (1ULL << 63)
#define MANY           4096
#define TICKS_OF_MANY  4
#define PATIENCE_NS    200000000ULL

/* NULL: out of memory. */
static struct sampled_process *sampled(struct miss_sampler *sampler, const struct perf_process *process)
{
	struct sampled_process *more;

	if (process->number < sampler->process_count)
		return &sampler->processes[process->number];
	more = reallocarray(sampler->processes, process->number + 1, sizeof(*more));
	if (!more)
		return NULL;
	for (size_t i = sampler->process_count; i <= process->number; i++)
		more[i] = (struct sampled_process){.memory = {.contents = -1, .pages = -1}};
	sampler->processes = more;
	sampler->process_count = process->number + 1;
	return &more[process->number];
}

static bool is_image_data(void *context, size_t owner)
{
	const struct perf_spaces *spaces = context;
	enum owner_kind kind = spaces->owners[owner].kind;

	return kind == OWNER_PROGRAM_DATA || kind == OWNER_PROGRAM_BSS || kind == OWNER_IMAGE_DATA ||
	       kind == OWNER_IMAGE_BSS;
}

/* Another program: the file of its memory was of the one before. */
static void begin_program(struct sampled_process *own, const struct perf_process *process)
{
	memory_close(&own->memory);
	readings_free(&own->readings);
	memory_open(&own->memory, process->pid);
	own->execs = process->execs + 1;
}

/* Nothing can be read any more; what was is kept for the samples that still come or wait. */
static void end_program(struct sampled_process *own, uint64_t now)
{
	memory_close(&own->memory);
	if (!own->ended)
		own->ended = now;
	else if (own->ended + 2 * PATIENCE_NS < now)
		readings_free(&own->readings);
}

static void read_table(struct miss_sampler *sampler, const struct perf_process *process, uint64_t now)
{
	struct sampled_process *own = sampled(sampler, process);

	if (!own)
		return;
	if (own->ended || (kill(process->pid, 0) && errno == ESRCH)) {
		end_program(own, now);
		return;
	}
	if (own->execs != process->execs + 1)
		begin_program(own, process);
	if (own->memory.process)
		readings_take(&own->readings, &own->memory, &process->space, is_image_data, &sampler->spaces);
	sampler->has_readings |= own->readings.count > 0;
}

struct whose {
	enum region region;
	char detail[OWNER_DETAIL];
	bool sure;
};

static void classify(struct miss_sampler *sampler, const struct waiting_sample *sample, struct whose *whose)
{
	const struct readings *readings = &sampler->processes[sample->process].readings;
	const struct perf_owner *owner = &sampler->spaces.owners[sample->owner];
	struct published published = {};

	whose->sure = true;
	if (readings->count)
		published = readings_find(readings, sample->address, sample->time, &whose->sure);
	if (published.kind) {
		whose->region = owner_region(OWNER(published.kind, 0), published.block_size, "", whose->detail);
		return;
	}
	whose->sure |= owner->kind != OWNER_ANON; /* all that libhakmem's could pass for */
	whose->region = owner_region(OWNER(owner->kind, 0), 0, owner->object, whose->detail);
}

/* Loads and stores with an address count; of other events than samples of all operations each sample is one. */
static bool is_access(const struct miss_event_kind *kind, const struct perf_record *sample)
{
	enum data_operation operation = data_source_operation(sample->data_source);

	if (!kind->pmus[0])
		return true;
	if (!sample->address || operation == DATA_OTHER)
		return false;
	return operation == DATA_ACCESS || kind->is_walk || kind->is_cache_miss;
}

static void count(const struct miss_event_kind *kind, const struct waiting_sample *sample, struct miss_row *row)
{
	uint64_t figures[MISS_FIGURES] = {};

	data_source_count(sample->data_source, sample->latency, figures);
	if (kind->is_walk)
		figures[MISS_TLB_FIRST_TOLD] = figures[MISS_TLB_FIRST] = figures[MISS_TLB_LAST_TOLD] =
		    figures[MISS_TLB_LAST] = 1;
	if (kind->is_cache_miss)
		figures[MISS_CACHE_FIRST_TOLD] = figures[MISS_CACHE_FIRST] = 1;
	for (enum miss_figure figure = 0; figure < MISS_FIGURES; figure++)
		row->figures[figure] += figures[figure];
}

static void settle(struct miss_sampler *sampler, const struct waiting_sample *sample)
{
	struct miss_event *event = &sampler->misses->events[sample->event];
	struct whose whose;
	size_t row;

	classify(sampler, sample, &whose);
	row = miss_event_row(event, whose.region, whose.detail);
	if (row == SIZE_MAX) {
		event->lost++;
		return;
	}
	event->unsure += !whose.sure;
	count(sampler->chosen[sample->event].kind, sample, &event->rows[row]);
}

/* A process that is not known to have a table may just not have made it yet. */
static bool can_settle(const struct miss_sampler *sampler, const struct waiting_sample *sample, uint64_t now)
{
	const struct readings *readings = &sampler->processes[sample->process].readings;

	if (sample->time + PATIENCE_NS < now)
		return true;
	return readings->count && readings->list[readings->count - 1]->until >= sample->time;
}

/* now: UINT64_MAX for all of them. */
static void settle_waiting(struct miss_sampler *sampler, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < sampler->waiting_count; i++) {
		const struct waiting_sample sample = sampler->waiting[i];

		if (now == UINT64_MAX || can_settle(sampler, &sample, now))
			settle(sampler, &sample);
		else
			sampler->waiting[kept++] = sample;
	}
	sampler->waiting_count = kept;
}

static struct waiting_sample *new_waiting(struct miss_sampler *sampler)
{
	size_t room = sampler->waiting_room ? 2 * sampler->waiting_room : 1024;
	struct waiting_sample *more;

	if (sampler->waiting_count == sampler->waiting_room) {
		more = reallocarray(sampler->waiting, room, sizeof(*more));
		if (!more)
			return NULL;
		sampler->waiting = more;
		sampler->waiting_room = room;
	}
	return &sampler->waiting[sampler->waiting_count++];
}

/* What perf knows of the address must be asked now: later records change it. */
static void take_sample(struct miss_sampler *sampler, const struct perf_record *sample)
{
	struct perf_process *process = perf_spaces_process(&sampler->spaces, sample->pid);
	size_t number = sampler->event_of_source[sample->source], owner = SIZE_MAX;
	struct waiting_sample *waiting = NULL;
	struct miss_event *event;

	if (!process || number == SIZE_MAX)
		return;
	event = &sampler->misses->events[number];
	if (!is_access(sampler->chosen[number].kind, sample)) {
		event->aside++;
		return;
	}
	if (sampled(sampler, process))
		owner = sample->address & KERNEL_ADDRESS
		            ? perf_spaces_kernel(&sampler->spaces)
		            : perf_spaces_owner(&sampler->spaces, process, sample->address);
	if (owner != SIZE_MAX)
		waiting = new_waiting(sampler);
	if (!waiting) {
		event->lost++;
		return;
	}
	*waiting = (struct waiting_sample){
	    .address = sample->address,
	    .time = sample->time,
	    .process = process->number,
	    .event = number,
	    .owner = owner,
	    .data_source = sample->data_source,
	    .latency = sample->weight,
	};
}

void miss_sampler_take(void *context, const struct perf_record *record)
{
	struct miss_sampler *sampler = context;
	size_t number;

	switch (record->kind) {
	case PERF_SAMPLED:
		take_sample(sampler, record);
		break;
	case PERF_LOST:
		number = record->source < PERF_SOURCES ? sampler->event_of_source[record->source] : SIZE_MAX;
		if (number == SIZE_MAX)
			sampler->lost += record->length;
		else
			sampler->misses->events[number].lost += record->length;
		break;
	case PERF_THROTTLED:
		sampler->throttled++;
		break;
	default:
		perf_spaces_take(&sampler->spaces, record);
	}
}

/* In front an event that never happens: its records tell of forks, execs and mappings whatever is sampled. */
static size_t make_sources(struct miss_sampler *sampler, size_t count, struct perf_source sources[PERF_SOURCES])
{
	size_t used = 0;

	for (size_t i = 0; i < PERF_SOURCES; i++)
		sampler->event_of_source[i] = SIZE_MAX;
	sources[used++] =
	    (struct perf_source){.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY, .details = true};
	for (size_t i = 0; i < count; i++) {
		if (sampler->chosen[i].has_leader)
			sources[used++] = sampler->chosen[i].leader;
		sampler->event_of_source[used] = i;
		sources[used++] = sampler->chosen[i].source;
	}
	return used;
}

/* IBS can't be bound to a task before Linux 6.2: then everyone's samples come, and the others' are left out. */
static struct perf_ring *open_ring(struct miss_sampler *sampler, pid_t pid, size_t count)
{
	struct perf_source sources[PERF_SOURCES];
	size_t used = make_sources(sampler, count, sources);
	struct perf_ring *ring = perf_ring_open_sources(pid, sources, used);

	if (ring || (errno != EINVAL && errno != EOPNOTSUPP))
		return ring;
	sampler->everywhere = true;
	return perf_ring_open_sources(PERF_EVERY_TASK, sources, used);
}

int miss_sampler_start(struct miss_sampler *sampler, pid_t pid, const struct miss_event_chosen *chosen, size_t count,
    struct misses *misses, char reason[MISS_EVENT_REASON])
{
	*sampler = (struct miss_sampler){.chosen = chosen, .misses = misses};
	snprintf(reason, MISS_EVENT_REASON, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (!misses_event(misses, chosen[i].kind->name, chosen[i].encoding, chosen[i].period))
			return -1;
	if (perf_spaces_start(&sampler->spaces, pid, getpid()))
		return -1;
	sampler->ring = open_ring(sampler, pid, count);
	if (sampler->ring)
		return 0;
	snprintf(reason, MISS_EVENT_REASON, "can't open %s%s: %s", chosen[0].encoding,
	    count > 1 ? " and the others" : "",
	    errno == EACCES || errno == EPERM ? "not allowed: it needs root, or CAP_PERFMON" : strerror(errno));
	perf_spaces_free(&sampler->spaces);
	return -1;
}

int miss_sampler_descriptor(const struct miss_sampler *sampler)
{
	return perf_ring_descriptor(sampler->ring);
}

void miss_sampler_tick(struct miss_sampler *sampler)
{
	uint64_t now = readings_now();

	for (size_t i = 0; i < sampler->spaces.process_count; i++)
		if (sampler->spaces.processes[i]->traced)
			read_table(sampler, sampler->spaces.processes[i], now);
	if (perf_ring_drain(sampler->ring, false, miss_sampler_take, sampler))
		sampler->lost++;
	/* Many are looked through less often; the readings that they need are kept for as long. */
	if (sampler->waiting_count < MANY || ++sampler->ticks % TICKS_OF_MANY == 0)
		settle_waiting(sampler, now);
}

static int say_limits(struct miss_sampler *sampler)
{
	struct misses *misses = sampler->misses;
	char words[256];
	int result = misses_limit(misses,
	    "thread-local storage, thread stacks and the memory of malloc libraries other than libhakmem are not told "
	    "from anonymous memory (anon), for perf's records don't say who mapped it; memory that was unmapped keeps "
	    "its "
	    "owner until something else is mapped there");

	result |= misses_limit(misses, "libhakmem's table is read every millisecond or so: an address counts as unsure "
	                               "where the readings around it "
	                               "differ, and before the first and after the last one");
	if (sampler->everywhere)
		result |= misses_limit(misses, "the event can't be bound to a task on this kernel: everyone's samples "
		                               "came, and the others' were left out");
	if (sampler->throttled) {
		snprintf(words, sizeof(words),
		    "the kernel stopped sampling for a while %llu times, because samples came too often: name the "
		    "event "
		    "with a longer period",
		    (unsigned long long)sampler->throttled);
		result |= misses_limit(misses, words);
	}
	if (sampler->lost + sampler->spaces.lost) {
		snprintf(words, sizeof(words), "%llu records of what was mapped are lost: some regions are wrong",
		    (unsigned long long)(sampler->lost + sampler->spaces.lost));
		result |= misses_limit(misses, words);
	}
	return result;
}

int miss_sampler_stop(struct miss_sampler *sampler)
{
	if (sampler->ring && perf_ring_drain(sampler->ring, true, miss_sampler_take, sampler))
		sampler->lost++;
	settle_waiting(sampler, UINT64_MAX);
	return say_limits(sampler);
}

void miss_sampler_close(struct miss_sampler *sampler)
{
	perf_ring_close(sampler->ring);
	perf_spaces_free(&sampler->spaces);
	for (size_t i = 0; i < sampler->process_count; i++) {
		memory_close(&sampler->processes[i].memory);
		readings_free(&sampler->processes[i].readings);
	}
	free(sampler->processes);
	free(sampler->waiting);
	*sampler = (struct miss_sampler){};
}
