// SPDX-License-Identifier: MIT
#include "machine/perf_decode.h"

#include <stdlib.h>
#include <string.h>

/* As perf_event_open(2) lays them out. */
struct sample {
	struct perf_event_header header;
	uint64_t identifier, ip;
	uint32_t pid, tid;
	uint64_t time, address;
	uint64_t details[]; /* weight, data source; or a stack: how many frames, these, and registers */
};

/* Ends every other record (sample_id_all). */
struct trailer {
	uint32_t pid, tid;
	uint64_t time, identifier;
};

struct map_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t address, length, offset;
	uint32_t device_major, device_minor;
	uint64_t inode, generation;
	uint32_t protection, flags;
	char name[];
};

struct name_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	char name[];
};

struct fork_record { /* and of an exit */
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
	uint64_t time;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t identifier, count;
};

static uint64_t trailer_time(const struct perf_event_header *header)
{
	const char *end = (const char *)header + header->size;

	return ((const struct trailer *)(end - sizeof(struct trailer)))->time;
}

/* Of what the record has up to its trailer. */
static int name_it(const struct perf_event_header *header, const char *name, struct perf_record *record)
{
	const char *end = (const char *)header + header->size - sizeof(struct trailer);

	if (name >= end)
		return 0;
	record->name = strndup(name, end - name);
	return record->name ? 1 : -1;
}

static size_t source_of(uint64_t identifier, const struct perf_layout *layout)
{
	size_t source = 0;

	while (source < layout->count && layout->identifiers[source] != identifier)
		source++;
	return source;
}

void perf_record_drop(struct perf_record *record)
{
	free(record->name);
	free(record->frames);
}

/* Kernel addresses alone are asked for; between them are marks of where they are from. */
static int keep_frames(const uint64_t *addresses, size_t count, struct perf_record *record)
{
	record->frames = malloc((count + 1) * sizeof(*record->frames));
	if (!record->frames)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (addresses[i] < PERF_CONTEXT_MAX)
			record->frames[record->frame_count++] = addresses[i];
	return 0;
}

static int decode_stack(const struct sample *sample, struct perf_record *record)
{
	const uint64_t *at = sample->details, *end = (const void *)((const char *)sample + sample->header.size);
	uint64_t count = at < end ? *at++ : 0;

	record->kernel = (sample->header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
	record->instruction = sample->ip;
	if (count > (size_t)(end - at))
		return 0;
	if (record->kernel && keep_frames(at, count, record))
		return -1;
	at += count;
	/* An ABI of 0 says that there are no registers. */
	if (end - at >= 2 && at[0] != PERF_SAMPLE_REGS_ABI_NONE)
		record->processor_flags = at[1];
	return 1;
}

static int decode_sample(const struct sample *sample, const struct perf_layout *layout, struct perf_record *record)
{
	size_t size = sizeof(*sample) + (layout->details ? 2 * sizeof(uint64_t) : 0);
	size_t source;

	if (sample->header.size < size)
		return 0;
	source = source_of(sample->identifier, layout);
	if (source == layout->count)
		return 0;
	*record = (struct perf_record){
	    .kind = PERF_SAMPLED,
	    .source = source,
	    .pid = sample->pid,
	    .time = sample->time,
	    .address = sample->address,
	    .weight = layout->details ? sample->details[0] : 0,
	    .data_source = layout->details ? sample->details[1] : 0,
	};
	return layout->stacks ? decode_stack(sample, record) : 1;
}

static int decode_map(const struct map_record *map, struct perf_record *record)
{
	*record = (struct perf_record){
	    .kind = PERF_MAP,
	    .pid = map->pid,
	    .time = trailer_time(&map->header),
	    .address = map->address,
	    .length = map->length,
	    .offset = map->offset,
	    .inode = map->inode,
	    .protection = map->protection,
	    .flags = map->flags,
	};
	return name_it(&map->header, map->name, record);
}

/* A thread's own name says nothing of its process. */
static int decode_name(const struct name_record *name, struct perf_record *record)
{
	*record = (struct perf_record){
	    .kind = PERF_NAME,
	    .executed = name->header.misc & PERF_RECORD_MISC_COMM_EXEC,
	    .pid = name->pid,
	    .time = trailer_time(&name->header),
	};
	return name->pid == name->tid ? name_it(&name->header, name->name, record) : 0;
}

static int decode_fork(const struct fork_record *fork, struct perf_record *record)
{
	*record = (struct perf_record){
	    .kind = PERF_FORK, .pid = fork->pid, .parent = fork->parent, .time = trailer_time(&fork->header)};
	return fork->pid != fork->parent;
}

static int decode_exit(const struct fork_record *exit, struct perf_record *record)
{
	*record = (struct perf_record){.kind = PERF_EXIT, .pid = exit->pid, .time = trailer_time(&exit->header)};
	return exit->pid == exit->tid;
}

static int decode_lost(const struct lost_record *lost, const struct perf_layout *layout, struct perf_record *record)
{
	*record = (struct perf_record){.kind = PERF_LOST,
	    .source = source_of(lost->identifier, layout),
	    .length = lost->count,
	    .time = trailer_time(&lost->header)};
	return 1;
}

int perf_decode(const struct perf_event_header *header, const struct perf_layout *layout, struct perf_record *record)
{
	const void *bytes = header;

	if (header->type == PERF_RECORD_SAMPLE)
		return decode_sample(bytes, layout, record);
	if (header->size < sizeof(*header) + sizeof(struct trailer))
		return 0;
	switch (header->type) {
	case PERF_RECORD_MMAP2:
		return decode_map(bytes, record);
	case PERF_RECORD_COMM:
		return decode_name(bytes, record);
	case PERF_RECORD_FORK:
		return decode_fork(bytes, record);
	case PERF_RECORD_EXIT:
		return decode_exit(bytes, record);
	case PERF_RECORD_LOST:
		return decode_lost(bytes, layout, record);
	case PERF_RECORD_THROTTLE:
		*record = (struct perf_record){.kind = PERF_THROTTLED, .time = trailer_time(header)};
		return 1;
	}
	return 0;
}
