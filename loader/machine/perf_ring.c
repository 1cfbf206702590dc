// SPDX-License-Identifier: MIT
/* perf_event_open, its rings, their records. */
#include "machine/perf_ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES (2UL << 20) /* 40,000 faults */
#define EFLAGS     (1UL << 9)  /* PERF_REG_X86_FLAGS */

struct processor {
	int descriptors[PERF_SOURCES]; /* -1: the processor is offline */
	uint64_t identifiers[PERF_SOURCES];
	struct perf_event_mmap_page *ring;
	uint64_t last_time;
};

struct perf_ring {
	struct processor *processors;
	size_t count;
	size_t source_count;
	bool details, stacks;
	int poller;
	struct perf_record *records; /* not handed over yet */
	size_t waiting, room;
	uint64_t drained_until; /* the latest time that the last drain saw */
	char scratch[65536];    /* a record that wraps around the ring's end */
};

static const struct perf_source fault_sources[] = {
    {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS_MIN, .period = 1},
    {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS_MAJ, .period = 1},
};

/* leader: descriptor of the event that this one can't be without, or -1. The first one brings the other records. */
static int open_event(pid_t pid, int processor, const struct perf_source *source, bool first, int leader)
{
	struct perf_event_attr attributes = {
	    .type = source->type,
	    .size = sizeof(attributes),
	    .config = source->config,
	    .config1 = source->config1,
	    .config2 = source->config2,
	    .sample_period = source->period,
	    .sample_type = PERF_SAMPLE_TYPES | (source->details ? PERF_SAMPLE_DETAILS : 0) |
	                   (source->stacks ? PERF_SAMPLE_STACKS : 0),
	    .sample_regs_intr = source->stacks ? EFLAGS : 0,
	    .exclude_callchain_user = source->stacks,
	    .exclude_kernel = source->user_only,
	    .exclude_hv = source->user_only,
	    .exclude_idle = source->stacks,
	    .disabled = source->stacks && pid != PERF_EVERY_TASK,
	    .enable_on_exec = source->stacks && pid != PERF_EVERY_TASK,
	    .precise_ip = source->precise,
	    .sample_id_all = 1,
	    .inherit = pid != PERF_EVERY_TASK,
	    .mmap = first,
	    .mmap2 = first,
	    .mmap_data = first && !source->stacks,
	    .comm = first,
	    .comm_exec = first,
	    .task = first,
	    .watermark = 1,
	    .wakeup_watermark = RING_BYTES / 2,
	    .use_clockid = source->details,
	    .clockid = source->details ? CLOCK_MONOTONIC : 0,
	};

	return syscall(SYS_perf_event_open, &attributes, pid, processor, leader, PERF_FLAG_FD_CLOEXEC);
}

int perf_ring_probe(char reason[REFUSAL_TEXT])
{
	int descriptor = open_event(0, 0, &fault_sources[0], true, -1);

	if (descriptor < 0)
		return refusal_say(reason, "perf_event_open of the page-fault event", errno);
	close(descriptor);
	return 0;
}

static int map_ring(struct perf_ring *ring, struct processor *processor)
{
	struct epoll_event wanted = {.events = EPOLLIN};

	processor->ring =
	    mmap(NULL, getpagesize() + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, processor->descriptors[0], 0);
	if (processor->ring == MAP_FAILED) {
		processor->ring = NULL;
		return -1;
	}
	return epoll_ctl(ring->poller, EPOLL_CTL_ADD, processor->descriptors[0], &wanted);
}

/* All events of one processor share the first one's ring. */
static int open_processor(struct perf_ring *ring, size_t number, pid_t pid, const struct perf_source *sources)
{
	struct processor *processor = &ring->processors[number];

	for (size_t i = 0; i < ring->source_count; i++) {
		int *descriptor = &processor->descriptors[i];

		*descriptor = open_event(
		    pid, number, &sources[i], i == 0, sources[i].follows ? processor->descriptors[i - 1] : -1);
		if (*descriptor < 0)
			return errno == ENODEV && i == 0 ? 0 : -1;
		if (i == 0 && map_ring(ring, processor))
			return -1;
		if ((i > 0 && ioctl(*descriptor, PERF_EVENT_IOC_SET_OUTPUT, processor->descriptors[0])) ||
		    ioctl(*descriptor, PERF_EVENT_IOC_ID, &processor->identifiers[i]))
			return -1;
	}
	return 0;
}

static struct perf_ring *new_ring(size_t processor_count, const struct perf_source *sources, size_t source_count)
{
	struct perf_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->poller = epoll_create1(EPOLL_CLOEXEC);
	ring->processors = calloc(processor_count, sizeof(*ring->processors));
	if (!ring->processors) {
		perf_ring_close(ring);
		return NULL;
	}
	ring->count = processor_count;
	ring->source_count = source_count;
	ring->details = sources[0].details;
	ring->stacks = sources[0].stacks;
	for (size_t i = 0; i < processor_count; i++)
		for (size_t source = 0; source < source_count; source++)
			ring->processors[i].descriptors[source] = -1;
	return ring;
}

struct perf_ring *perf_ring_open_sources(pid_t pid, const struct perf_source *sources, size_t count)
{
	long processors = sysconf(_SC_NPROCESSORS_CONF);
	struct perf_ring *ring = new_ring(processors, sources, count);

	for (long i = 0; ring && i < processors; i++) {
		if (open_processor(ring, i, pid, sources)) {
			int error = errno;

			perf_ring_close(ring);
			errno = error;
			return NULL;
		}
	}
	return ring;
}

struct perf_ring *perf_ring_open(pid_t pid, char reason[REFUSAL_TEXT])
{
	struct perf_ring *ring = perf_ring_open_sources(pid, fault_sources, 2);

	if (!ring)
		refusal_say(reason, "opening the page-fault event with its ring", errno);
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

/* Returns -1 when out of memory. */
static int take_record(struct perf_ring *ring, struct processor *processor, const struct perf_event_header *header)
{
	const struct perf_layout layout = {processor->identifiers, ring->source_count, ring->details, ring->stacks};
	struct perf_record record, *kept;
	int result = perf_decode(header, &layout, &record);

	if (result <= 0)
		return result;
	kept = new_record(ring);
	if (!kept) {
		perf_record_drop(&record);
		return -1;
	}
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
	return (a->kind == PERF_SAMPLED) - (b->kind == PERF_SAMPLED);
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
		perf_record_drop(&ring->records[done]);
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
		for (size_t source = 0; source < ring->source_count; source++)
			if (processor->descriptors[source] >= 0)
				close(processor->descriptors[source]);
	}
	for (size_t i = 0; i < ring->waiting; i++)
		perf_record_drop(&ring->records[i]);
	if (ring->poller >= 0)
		close(ring->poller);
	free(ring->processors);
	free(ring->records);
	free(ring);
}
