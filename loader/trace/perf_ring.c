// SPDX-License-Identifier: MIT
/* perf_event_open, its rings, their records. */
#include "trace/perf_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace/probe.h"

#define RING_BYTES   (2UL << 20) /* 40,000 faults */
#define SAMPLE_TYPES (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR)

struct processor {
	int minor, major; /* descriptors; -1: the processor is offline */
	uint64_t major_id;
	struct perf_event_mmap_page *ring;
	uint64_t last_time;
};

struct perf_ring {
	struct processor *processors;
	size_t count;
	int poller;
	struct perf_record *records; /* not handed over yet */
	size_t waiting, room;
	uint64_t drained_until; /* the latest time that the last drain saw */
	char scratch[65536];    /* a record that wraps around the ring's end */
};

/* As perf_event_open(2) lays them out. */
struct sample {
	struct perf_event_header header;
	uint64_t identifier, ip;
	uint32_t pid, tid;
	uint64_t time, address;
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

struct fork_record {
	struct perf_event_header header;
	uint32_t pid, parent, tid, parent_tid;
	uint64_t time;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t identifier, count;
};

static int open_event(pid_t pid, int processor, unsigned long kind)
{
	bool first = kind == PERF_COUNT_SW_PAGE_FAULTS_MIN;
	struct perf_event_attr attributes = {
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(attributes),
	    .config = kind,
	    .sample_period = 1,
	    .sample_type = SAMPLE_TYPES,
	    .sample_id_all = 1,
	    .inherit = 1,
	    .mmap = first,
	    .mmap2 = first,
	    .mmap_data = first,
	    .comm = first,
	    .comm_exec = first,
	    .task = first,
	    .watermark = 1,
	    .wakeup_watermark = RING_BYTES / 2,
	};

	return syscall(SYS_perf_event_open, &attributes, pid, processor, -1, PERF_FLAG_FD_CLOEXEC);
}

int perf_ring_probe(char reason[RUNG_REASON])
{
	int descriptor = open_event(0, 0, PERF_COUNT_SW_PAGE_FAULTS_MIN);

	if (descriptor < 0)
		return probe_failed(reason, "perf_event_open of the page-fault event", errno);
	close(descriptor);
	return 0;
}

/* Both kinds of one processor share a ring. */
static int open_processor(struct perf_ring *ring, size_t number, pid_t pid)
{
	struct processor *processor = &ring->processors[number];
	struct epoll_event wanted = {.events = EPOLLIN};

	processor->minor = open_event(pid, number, PERF_COUNT_SW_PAGE_FAULTS_MIN);
	if (processor->minor < 0)
		return errno == ENODEV ? 0 : -1;
	processor->major = open_event(pid, number, PERF_COUNT_SW_PAGE_FAULTS_MAJ);
	if (processor->major < 0)
		return -1;
	processor->ring =
	    mmap(NULL, getpagesize() + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, processor->minor, 0);
	if (processor->ring == MAP_FAILED) {
		processor->ring = NULL;
		return -1;
	}
	return ioctl(processor->major, PERF_EVENT_IOC_SET_OUTPUT, processor->minor) ||
	               ioctl(processor->major, PERF_EVENT_IOC_ID, &processor->major_id) ||
	               epoll_ctl(ring->poller, EPOLL_CTL_ADD, processor->minor, &wanted)
	           ? -1
	           : 0;
}

struct perf_ring *perf_ring_open(pid_t pid, char reason[RUNG_REASON])
{
	struct perf_ring *ring = calloc(1, sizeof(*ring));
	long count = sysconf(_SC_NPROCESSORS_CONF);

	if (!ring)
		return NULL;
	ring->poller = epoll_create1(EPOLL_CLOEXEC);
	ring->processors = calloc(count, sizeof(*ring->processors));
	if (!ring->processors) {
		perf_ring_close(ring);
		return NULL;
	}
	ring->count = count;
	for (long i = 0; i < count; i++)
		ring->processors[i].minor = ring->processors[i].major = -1;
	for (long i = 0; i < count; i++) {
		if (open_processor(ring, i, pid)) {
			probe_failed(reason, "opening the page-fault event with its ring", errno);
			perf_ring_close(ring);
			return NULL;
		}
	}
	return ring;
}

int perf_ring_descriptor(const struct perf_ring *ring)
{
	return ring->poller;
}

static struct perf_record *new_record(struct perf_ring *ring)
{
	if (ring->waiting == ring->room) {
		size_t room = ring->room ? 2 * ring->room : 4096;
		struct perf_record *more = realloc(ring->records, room * sizeof(*more));

		if (!more)
			return NULL;
		ring->records = more;
		ring->room = room;
	}
	return &ring->records[ring->waiting++];
}

static uint64_t trailer_time(const struct perf_event_header *header)
{
	const char *end = (const char *)header + header->size;

	return ((const struct trailer *)(end - sizeof(struct trailer)))->time;
}

/* What the kernel wrote; kinds that don't matter are left out. Returns -1 when out of memory. */
static int take_record(struct perf_ring *ring, struct processor *processor, const struct perf_event_header *header)
{
	const struct sample *sample = (const void *)header;
	const struct map_record *map = (const void *)header;
	const struct name_record *name = (const void *)header;
	const struct fork_record *fork = (const void *)header;
	const struct lost_record *lost = (const void *)header;
	struct perf_record record = {};
	struct perf_record *kept;

	switch (header->type) {
	case PERF_RECORD_SAMPLE:
		record = (struct perf_record){.kind = PERF_FAULT,
		    .major = sample->identifier == processor->major_id,
		    .pid = sample->pid,
		    .time = sample->time,
		    .address = sample->address};
		break;
	case PERF_RECORD_MMAP2:
		record = (struct perf_record){.kind = PERF_MAP,
		    .pid = map->pid,
		    .time = trailer_time(header),
		    .address = map->address,
		    .length = map->length,
		    .protection = map->protection,
		    .flags = map->flags,
		    .name = strdup(map->name)};
		break;
	case PERF_RECORD_COMM:
		if (name->pid != name->tid)
			return 0;
		record = (struct perf_record){.kind = PERF_NAME,
		    .executed = header->misc & PERF_RECORD_MISC_COMM_EXEC,
		    .pid = name->pid,
		    .time = trailer_time(header),
		    .name = strdup(name->name)};
		break;
	case PERF_RECORD_FORK:
		if (fork->pid == fork->parent)
			return 0;
		record = (struct perf_record){
		    .kind = PERF_FORK, .pid = fork->pid, .parent = fork->parent, .time = trailer_time(header)};
		break;
	case PERF_RECORD_LOST:
		record = (struct perf_record){.kind = PERF_LOST, .length = lost->count, .time = trailer_time(header)};
		break;
	default:
		return 0;
	}
	kept = new_record(ring);
	if (!kept || ((record.kind == PERF_MAP || record.kind == PERF_NAME) && !record.name))
		return -1;
	*kept = record;
	processor->last_time = record.time;
	return 0;
}

static int drain_processor(struct perf_ring *ring, struct processor *processor)
{
	struct perf_event_mmap_page *control = processor->ring;
	const char *data = (const char *)control + getpagesize();
	uint64_t head, tail;
	int result = 0;

	if (!control)
		return 0;
	head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
	for (tail = control->data_tail; tail < head;) {
		const struct perf_event_header *header = (const void *)(data + tail % RING_BYTES);
		size_t at = tail % RING_BYTES, size = header->size;

		if (at + size > RING_BYTES) {
			memcpy(ring->scratch, data + at, RING_BYTES - at);
			memcpy(ring->scratch + RING_BYTES - at, data, size - (RING_BYTES - at));
			header = (const void *)ring->scratch;
		}
		result |= take_record(ring, processor, header);
		tail += size;
	}
	__atomic_store_n(&control->data_tail, tail, __ATOMIC_RELEASE);
	return result;
}

static int compare(const void *left, const void *right)
{
	const struct perf_record *a = left, *b = right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	/* What makes memory comes before its first fault. */
	return (a->kind == PERF_FAULT) - (b->kind == PERF_FAULT);
}

/* What is older than all that the drain before has seen, no processor can still add to. */
int perf_ring_drain(
    struct perf_ring *ring, bool all, void (*take)(void *context, const struct perf_record *record), void *context)
{
	uint64_t until = all ? UINT64_MAX : ring->drained_until, latest = ring->drained_until;
	size_t done = 0;
	int result = 0;

	for (size_t i = 0; i < ring->count; i++) {
		result |= drain_processor(ring, &ring->processors[i]);
		if (ring->processors[i].last_time > latest)
			latest = ring->processors[i].last_time;
	}
	ring->drained_until = latest;
	qsort(ring->records, ring->waiting, sizeof(*ring->records), compare);
	for (; done < ring->waiting && ring->records[done].time <= until; done++) {
		take(context, &ring->records[done]);
		free(ring->records[done].name);
	}
	ring->waiting -= done;
	memmove(ring->records, ring->records + done, ring->waiting * sizeof(*ring->records));
	return result;
}

void perf_ring_close(struct perf_ring *ring)
{
	if (!ring)
		return;
	for (size_t i = 0; i < ring->count; i++) {
		struct processor *processor = &ring->processors[i];

		if (processor->ring)
			munmap(processor->ring, getpagesize() + RING_BYTES);
		if (processor->major >= 0)
			close(processor->major);
		if (processor->minor >= 0)
			close(processor->minor);
	}
	for (size_t i = 0; i < ring->waiting; i++)
		free(ring->records[i].name);
	if (ring->poller >= 0)
		close(ring->poller);
	free(ring->processors);
	free(ring->records);
	free(ring);
}
