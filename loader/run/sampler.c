// SPDX-License-Identifier: MIT
/* Samples, counted by what they look like in a hash table. See sampler.h. */
#include "run/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/cpu_event.h"
#include "stack/executable_maps.h"
#include "machine/kernel_symbols.h"
#include "machine/perf_ring.h"

#define NAME_FAR     (1UL << 20) /* no function is that large: what lies further from a name has none */
#define UNKNOWN_NAME "(unknown)"

struct place {
	struct sampled sampled;
	const char **frames; /* owned */
};

struct sampler {
	struct cpu_event event;
	struct perf_ring *ring;
	struct executable_maps *maps;    /* of this run */
	struct executable_maps **former; /* of the runs before: places have their strings */
	size_t former_count;
	struct kernel_symbols symbols;
	struct place *places; /* hash table, open; a count of 0: free */
	size_t place_count, place_room;
	uint64_t lost, throttled, processes;
	double overhead;
	bool stacks, hides_malloc;
};

static uint64_t hash_string(uint64_t hash, const char *string)
{
	while (*string)
		hash = (hash ^ (unsigned char)*string++) * 0x100000001b3;
	return hash;
}

static uint64_t hash_place(const struct sampled *place)
{
	uint64_t hash = 0xcbf29ce484222325 + place->role + 8 * place->late + 32 * place->in_malloc;

	if (!place->kernel)
		return hash_string(hash_string(hash, place->object), place->function);
	/* Names of the kernel's are one string a function. */
	for (size_t i = 0; i < place->frame_count; i++)
		hash = (hash ^ (uintptr_t)place->frames[i]) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static bool same(const struct sampled *a, const struct sampled *b)
{
	if (a->kernel != b->kernel || a->role != b->role || a->late != b->late || a->in_malloc != b->in_malloc)
		return false;
	if (a->kernel)
		return a->frame_count == b->frame_count &&
		       !memcmp(a->frames, b->frames, a->frame_count * sizeof(*a->frames));
	return !strcmp(a->object, b->object) && !strcmp(a->function, b->function);
}

static struct place *find_place(struct place *places, size_t room, const struct sampled *wanted)
{
	size_t at = hash_place(wanted) & (room - 1);

	while (places[at].sampled.count && !same(&places[at].sampled, wanted))
		at = (at + 1) & (room - 1);
	return &places[at];
}

/* Never more than half full. */
static int make_room(struct sampler *sampler)
{
	size_t room = sampler->place_room ? 2 * sampler->place_room : 1024;
	struct place *places;

	if (2 * (sampler->place_count + 1) <= sampler->place_room)
		return 0;
	places = calloc(room, sizeof(*places));
	if (!places)
		return -1;
	for (size_t i = 0; i < sampler->place_room; i++)
		if (sampler->places[i].sampled.count)
			*find_place(places, room, &sampler->places[i].sampled) = sampler->places[i];
	free(sampler->places);
	sampler->places = places;
	sampler->place_room = room;
	return 0;
}

static void count_place(struct sampler *sampler, const struct sampled *seen)
{
	struct place *place;

	if (make_room(sampler)) {
		sampler->lost++;
		return;
	}
	place = find_place(sampler->places, sampler->place_room, seen);
	if (place->sampled.count) {
		place->sampled.count++;
		return;
	}
	if (seen->frame_count) {
		place->frames = malloc(seen->frame_count * sizeof(*place->frames));
		if (!place->frames) {
			sampler->lost++;
			return;
		}
		memcpy(place->frames, seen->frames, seen->frame_count * sizeof(*place->frames));
	}
	place->sampled = *seen;
	place->sampled.frames = place->frames;
	place->sampled.count = 1;
	sampler->place_count++;
}

static const char *kernel_name(const struct sampler *sampler, uint64_t address)
{
	const struct kernel_symbol *symbol = kernel_symbol_at(&sampler->symbols, address);

	return symbol && address - symbol->address < NAME_FAR ? symbol->name : UNKNOWN_NAME;
}

#define MOST_FRAMES 128

static void take_kernel_sample(struct sampler *sampler, const struct perf_record *record)
{
	const char *names[MOST_FRAMES];
	struct sampled place = {.kernel = true, .frames = names, .object = "", .function = ""};

	/* The first frame is where the sample lies. Return addresses lie behind their call, perhaps behind all of it.
	 */
	for (size_t i = 0; i < record->frame_count && i < MOST_FRAMES; i++)
		names[place.frame_count++] = kernel_name(sampler, record->frames[i] - (i > 0));
	if (!place.frame_count)
		names[place.frame_count++] = kernel_name(sampler, record->instruction);
	sampler->stacks |= place.frame_count > 1;
	count_place(sampler, &place);
}

#define RESUME_FLAG (1UL << 16)

/*
 * With interrupts off between the end of a fault and user space, what should have been sampled there is when the
 * instruction that faulted is about to run again: the processor has set EFLAGS.RF for it, and clears it as soon as it
 * is done. Only a string instruction has it set throughout. After a system call it is the instruction behind the call.
 */
static enum late how_late(struct sampler *sampler, const struct perf_record *record)
{
	if (record->processor_flags & RESUME_FLAG)
		return executable_maps_repeats(sampler->maps, record->pid, record->instruction) ? LATE_NOT
		                                                                                : LATE_FROM_FAULT;
	return executable_maps_after_call(sampler->maps, record->pid, record->instruction) ? LATE_FROM_CALL : LATE_NOT;
}

static void take_user_sample(struct sampler *sampler, const struct perf_record *record)
{
	struct sampled place;

	executable_maps_find(sampler->maps, record->pid, record->instruction, &place);
	if (sampler->event.is_clock)
		place.late = how_late(sampler, record);
	/* It is one of the kernel, of which nothing else is seen. */
	if (place.late && !sampler->event.kernel)
		return;
	count_place(sampler, &place);
}

static void take(void *context, const struct perf_record *record)
{
	struct sampler *sampler = context;

	if (record->kind == PERF_LOST)
		sampler->lost += record->length;
	else if (record->kind == PERF_THROTTLED)
		sampler->throttled++;
	else if (record->kind != PERF_SAMPLED)
		executable_maps_take(sampler->maps, record);
	else if (!executable_maps_follows(sampler->maps, record->pid))
		return; /* another's, or before the exec */
	else if (record->kernel)
		take_kernel_sample(sampler, record);
	else
		take_user_sample(sampler, record);
}

struct sampler *sampler_new(unsigned int frequency, char error[SAMPLER_ERROR])
{
	struct sampler *sampler = calloc(1, sizeof(*sampler));

	if (!sampler) {
		snprintf(error, SAMPLER_ERROR, "out of memory");
		return NULL;
	}
	if (cpu_event_choose(&sampler->event, frequency, error)) {
		free(sampler);
		return NULL;
	}
	sampler->overhead = cpu_event_overhead(&sampler->event);
	/* Without them there are no names. */
	if (sampler->event.kernel)
		kernel_symbols_read_all(&sampler->symbols);
	return sampler;
}

static void keep_maps(struct sampler *sampler)
{
	struct executable_maps **more;

	if (!sampler->maps)
		return;
	sampler->lost += executable_maps_lost(sampler->maps);
	sampler->processes += executable_maps_processes(sampler->maps);
	sampler->hides_malloc |= executable_maps_hides_malloc(sampler->maps);
	more = realloc(sampler->former, (sampler->former_count + 1) * sizeof(*more));
	if (!more)
		return; /* leaked: places still have its strings */
	sampler->former = more;
	more[sampler->former_count++] = sampler->maps;
	sampler->maps = NULL;
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	sampler_stop(sampler);
	for (size_t i = 0; i < sampler->place_room; i++)
		free(sampler->places[i].frames);
	for (size_t i = 0; i < sampler->former_count; i++)
		executable_maps_free(sampler->former[i]);
	free(sampler->former);
	free(sampler->places);
	kernel_symbols_free(&sampler->symbols);
	free(sampler);
}

int sampler_arm(struct sampler *sampler, pid_t pid, char error[SAMPLER_ERROR])
{
	sampler->maps = executable_maps_new();
	if (!sampler->maps) {
		snprintf(error, SAMPLER_ERROR, "out of memory");
		return -1;
	}
	executable_maps_begin(sampler->maps, pid);
	sampler->ring = cpu_event_open(&sampler->event, pid, error);
	return sampler->ring ? 0 : -1;
}

int sampler_descriptor(const struct sampler *sampler)
{
	return sampler->ring ? perf_ring_descriptor(sampler->ring) : -1;
}

void sampler_drain(struct sampler *sampler)
{
	if (sampler->ring && perf_ring_drain(sampler->ring, false, take, sampler))
		sampler->lost++;
}

void sampler_stop(struct sampler *sampler)
{
	if (sampler->ring && perf_ring_drain(sampler->ring, true, take, sampler))
		sampler->lost++;
	perf_ring_close(sampler->ring);
	sampler->ring = NULL;
	keep_maps(sampler);
}

struct sampler_facts sampler_facts(const struct sampler *sampler)
{
	return (struct sampler_facts){.event = sampler->event.name,
	    .period = sampler->event.period,
	    .kernel = sampler->event.kernel,
	    .kernel_known = sampler->symbols.count,
	    .overhead = sampler->overhead,
	    .everywhere = sampler->event.everywhere,
	    .late = sampler->event.is_clock,
	    .lost = sampler->lost,
	    .throttled = sampler->throttled,
	    .processes = sampler->processes,
	    .hides_malloc = sampler->hides_malloc,
	    .stacks = sampler->stacks};
}

int sampler_each(const struct sampler *sampler, int (*take)(void *context, const struct sampled *place), void *context)
{
	int result = 0;

	for (size_t i = 0; i < sampler->place_room && !result; i++)
		if (sampler->places[i].sampled.count)
			result = take(context, &sampler->places[i].sampled);
	return result;
}

bool sampler_kernel_has(const struct sampler *sampler, bool (*is)(const char *name))
{
	for (size_t i = 0; i < sampler->symbols.count; i++)
		if (is(sampler->symbols.symbol[i].name))
			return true;
	return false;
}

const char *sampler_stripped(const struct sampler *sampler, size_t *from)
{
	const char *name;
	size_t run = *from >> 32, object = *from & UINT32_MAX;

	for (; run < sampler->former_count; run++, object = 0) {
		name = executable_maps_stripped(sampler->former[run], &object);
		if (name) {
			*from = run << 32 | object;
			return name;
		}
	}
	*from = run << 32;
	return NULL;
}
