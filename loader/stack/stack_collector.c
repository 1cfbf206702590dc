// SPDX-License-Identifier: MIT
/* The ring's records, joined; and how many stacks are taken. See stack_collector.h. */
#include "stack/stack_collector.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "stack/alloc_sites.h"
#include "stack/site_probes.h"
#include "stack/stack_unwind.h"

#define RING_FRAMES (8U << 20)
#define RING_COPIES (64U << 20) /* a thousand of 16 pages */

#define TICK_NS 100000000L

/*
 * Stacks a tick at most: what unwinds and names them is a processor of the same machine. By judgement, no measurement;
 * docs/overhead.md has what stacks cost the program.
 */
#define FRAMES_A_TICK 500
#define COPIES_A_TICK 100

/* Before the loader's first looks: so many before they become fewer. */
#define STACKS_AT_ONCE 1000
#define USUAL_SHARE    0.01 /* where less may be spent, they are fewer */

#define ADVANCE_NS 1e7 /* what may be spent ahead: these */

/* Stacks that wait for what their faults have cost, by thread. */
#define THREADS 8192

struct waiting {
	uint32_t thread, sequence;
	uint32_t count; /* 0: none */
	bool whole;
	uint32_t *frames;
};

struct stack_collector {
	struct trace *skeleton;
	struct stack_wish wish;
	struct stack_unwind *unwind;
	struct alloc_sites *sites; /* NULL: not wanted */
	size_t mapped;             /* files that were looked at for libhakmem */
	struct ring_buffer *ring;
	struct stack_rows rows;
	struct stack_losses losses;
	struct waiting waiting[THREADS];
	int poller, timer;
	bool begun;
	uint64_t faults, runtime_ns; /* at the last tick */
	uint64_t taken;              /* stacks, until then */
	uint64_t cost_ns;
};

int stack_collector_prepare(struct trace *skeleton, const struct stack_wish *wish)
{
	bool copies = wish->unwinding == UNWINDING_DWARF;

	if (!wish->wanted)
		return 0;
	skeleton->rodata_settings->stacks_wanted = copies ? STACKS_COPIES : STACKS_FRAMES;
	skeleton->rodata_settings->stack_pages_most = (wish->copy_bytes + 4095) / 4096;
	skeleton->rodata_settings->kernel_stacks = wish->kernel;
	skeleton->rodata_settings->sites_wanted = wish->sites;
	skeleton->data->stack_stride = UINT32_MAX >> 1; /* until stack_collector_begin() */
	return bpf_map__set_max_entries(skeleton->maps.stack_ring, copies ? RING_COPIES : RING_FRAMES);
}

static struct waiting *waiting_of(struct stack_collector *collector, uint32_t thread)
{
	return &collector->waiting[thread * 0x9e3779b1U % THREADS];
}

static void take_stack(struct stack_collector *collector, const struct stack_head *head)
{
	struct waiting *waiting = waiting_of(collector, head->thread);
	uint32_t frames[STACK_FRAMES_LIMIT], *kept;
	size_t count;
	bool whole;

	waiting->count = 0; /* what waited came to nothing */
	if (!collector->begun)
		return;
	count = stack_unwind_frames(collector->unwind, head, &collector->rows, frames, &whole);
	kept = count ? reallocarray(waiting->frames, count, sizeof(*frames)) : NULL;
	if (!kept) {
		collector->losses.room++;
		return;
	}
	memcpy(kept, frames, count * sizeof(*frames));
	*waiting = (struct waiting){head->thread, head->sequence, count, whole, kept};
}

/* Of the whole stack where that was taken, else of the call alone. */
static void take_site(struct stack_collector *collector, const struct stack_site *site)
{
	const struct waiting *waiting = waiting_of(collector, site->head.thread);
	uint32_t frames[SITE_FRAMES + 1];

	if (site->head.sequence && waiting->count && waiting->thread == site->head.thread &&
	    waiting->sequence == site->head.sequence && waiting->whole)
		alloc_sites_set(collector->sites, site, waiting->frames, waiting->count);
	else
		alloc_sites_set(collector->sites, site, frames,
		    stack_unwind_site(collector->unwind, site, &collector->rows, frames));
}

/* Who was handed the memory. The stack that waits becomes longer by those frames. False: out of memory. */
static bool add_site(
    struct stack_collector *collector, const struct stack_cost *cost, struct waiting *waiting, struct raw_key *key)
{
	size_t count;
	const uint32_t *frames = alloc_sites_find(collector->sites, cost, &count);
	uint32_t *longer = reallocarray(waiting->frames, waiting->count + count, sizeof(*longer));

	if (!longer)
		return false;
	if (count)
		memcpy(longer + waiting->count, frames, count * sizeof(*longer));
	waiting->frames = longer;
	key->allocated_count = count;
	return true;
}

static void take_cost(struct stack_collector *collector, const struct stack_cost *cost)
{
	struct waiting *waiting = waiting_of(collector, cost->head.thread);
	double weight = cost->units ? (double)cost->weight / cost->units : 0;
	struct raw_key key = {.account = cost->key, .pid = cost->head.process};
	struct raw_row *row;

	if (!collector->begun || !waiting->count || waiting->thread != cost->head.thread ||
	    waiting->sequence != cost->head.sequence) {
		collector->losses.room += collector->begun;
		return;
	}
	memcpy(key.comm, cost->head.comm, sizeof(key.comm));
	key.account.phase = key.account.purger = 0; /* stacks are not told apart by these */
	key.touched_count = waiting->count;
	row = NULL;
	if (!collector->sites || add_site(collector, cost, waiting, &key)) {
		key.frames = waiting->frames;
		row = stack_rows_find(&collector->rows, &key);
	}
	if (!row) {
		collector->losses.room++;
		return;
	}
	collector->losses.cut += !waiting->whole;
	row->samples++;
	row->faults += weight * cost->faults;
	row->zeroed_bytes += weight * cost->zeroed_bytes;
	row->timed += weight * cost->timed;
	row->timed_ns += weight * cost->ns;
}

/* Is the record as long as it says? */
static bool is_sound(const struct stack_head *head, size_t size)
{
	const struct stack_copy *copy = (const void *)head;

	switch (head->kind) {
	case STACK_FRAMES:
		return size >= sizeof(struct stack_frames);
	case STACK_COPY:
		return size >= sizeof(*copy) && size - sizeof(*copy) >= copy->pages * 4096;
	case STACK_EXEC:
		return true;
	case STACK_COST:
		return size >= sizeof(struct stack_cost);
	case STACK_SITE:
		return size >= sizeof(struct stack_site) && ((const struct stack_site *)head)->count <= SITE_FRAMES;
	case STACK_SPACE:
		return size >= sizeof(struct stack_space);
	}
	return false;
}

static int take(void *context, void *data, size_t size)
{
	struct stack_collector *collector = context;
	const struct stack_head *head = data;

	if (size < sizeof(*head) || !is_sound(head, size))
		return 0;
	if (head->kind == STACK_COST)
		take_cost(collector, data);
	else if (head->kind != STACK_SITE && head->kind != STACK_SPACE)
		take_stack(collector, head);
	else if (!collector->sites)
		return 0;
	else if (head->kind == STACK_SITE)
		take_site(collector, data);
	else
		alloc_sites_space(collector->sites, data);
	return 0;
}

static int watch(const struct stack_collector *collector, int descriptor)
{
	struct epoll_event wanted = {.events = EPOLLIN};

	return epoll_ctl(collector->poller, EPOLL_CTL_ADD, descriptor, &wanted);
}

struct stack_collector *stack_collector_new(struct trace *skeleton, const struct stack_wish *wish, bool attaches)
{
	struct stack_collector *collector = calloc(1, sizeof(*collector));
	int error;

	if (!collector)
		return NULL;
	collector->skeleton = skeleton;
	collector->wish = *wish;
	collector->unwind = stack_unwind_new(attaches);
	if (wish->sites)
		collector->sites = alloc_sites_new(skeleton);
	collector->ring = ring_buffer__new(bpf_map__fd(skeleton->maps.stack_ring), take, collector, NULL);
	collector->poller = epoll_create1(EPOLL_CLOEXEC);
	collector->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (collector->unwind && collector->ring && (collector->sites || !wish->sites) && collector->poller >= 0 &&
	    collector->timer >= 0 && !watch(collector, collector->timer) &&
	    !watch(collector, ring_buffer__epoll_fd(collector->ring)))
		return collector;
	error = errno;
	stack_collector_free(collector);
	errno = error;
	return NULL;
}

void stack_collector_free(struct stack_collector *collector)
{
	if (!collector)
		return;
	ring_buffer__free(collector->ring);
	stack_unwind_free(collector->unwind);
	alloc_sites_free(collector->sites);
	stack_rows_free(&collector->rows);
	for (size_t i = 0; i < THREADS; i++)
		free(collector->waiting[i].frames);
	if (collector->poller >= 0)
		close(collector->poller);
	if (collector->timer >= 0)
		close(collector->timer);
	free(collector);
}

int stack_collector_arm(struct stack_collector *collector, pid_t pid)
{
	return stack_unwind_follow(collector->unwind, pid);
}

/* What comes while this goes on may be older than what the mappings are brought up to: they wait until the next time.
 */
static void consume(struct stack_collector *collector)
{
	uint64_t before = stack_unwind_now();

	ring_buffer__consume(collector->ring);
	stack_unwind_update(collector->unwind, before);
}

void stack_collector_begin(struct stack_collector *collector)
{
	struct itimerspec tick = {.it_value.tv_nsec = TICK_NS, .it_interval.tv_nsec = TICK_NS};

	consume(collector);
	collector->begun = true;
	collector->skeleton->bss->stacks_lost = 0;
	collector->skeleton->bss->stacks_taken = 0;
	collector->skeleton->bss->stack_ns = 0;
	collector->skeleton->data->stack_stride = 1;
	collector->skeleton->data->stack_doubles =
	    collector->wish.all ? 0 : fmax(1, fmin(1, collector->wish.most / USUAL_SHARE) * STACKS_AT_ONCE);
	collector->skeleton->data->site_doubles = collector->wish.all ? 0 : STACKS_AT_ONCE;
	timerfd_settime(collector->timer, 0, &tick, NULL);
}

int stack_collector_descriptor(const struct stack_collector *collector)
{
	return collector->poller;
}

/*
 * Stacks a tick: at the price that they have had, what is left of half of what tracing may cost (the other half is for
 * durations); and no more than can be unwound beside the program. One at least, or there would be nothing to show.
 */
static uint32_t affordable(const struct stack_collector *collector)
{
	uint32_t most = collector->wish.unwinding == UNWINDING_DWARF ? COPIES_A_TICK : FRAMES_A_TICK;
	double spent_ns = collector->skeleton->bss->stack_ns, left_ns;

	if (!collector->taken)
		return most;
	left_ns = collector->wish.most / 2 * collector->runtime_ns + ADVANCE_NS - spent_ns;
	if (left_ns < spent_ns / collector->taken)
		return 1;
	return fmin(most, left_ns / (spent_ns / collector->taken));
}

/* By how many faults there were lately, and by what the stacks among them have cost. */
static void steer(struct stack_collector *collector, uint64_t faults, uint64_t runtime_ns)
{
	uint64_t come = faults - collector->faults, expirations;
	uint32_t most;

	if (read(collector->timer, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	collector->faults = faults;
	collector->runtime_ns = runtime_ns;
	collector->taken += collector->skeleton->bss->stacks_taken;
	most = affordable(collector);
	if (collector->sites)
		alloc_sites_steer(collector->sites, collector->wish.all, most, expirations);
	collector->skeleton->bss->stacks_taken = 0;
	if (collector->wish.all)
		return;
	collector->skeleton->data->stack_stride = come / expirations / most + 1;
	collector->skeleton->data->stack_doubles = 2 * most;
}

void stack_collector_expect(struct stack_collector *collector, const char *path)
{
	if (collector->sites)
		site_probes_file(alloc_sites_probes(collector->sites), path, 0);
}

/* The kernel told the path from its mount namespace's root: in a chroot an end of it is right. */
static void look_for_hakmem(struct stack_collector *collector)
{
	struct site_probes *probes = alloc_sites_probes(collector->sites);
	const char *path;
	uint64_t inode;

	for (; stack_unwind_mapped(collector->unwind, collector->mapped, &path, &inode); collector->mapped++)
		for (const char *end = path[0] == '/' ? path : NULL; end; end = strchr(end + 1, '/'))
			site_probes_file(probes, end, inode);
}

void stack_collector_expect_process(struct stack_collector *collector, pid_t pid)
{
	if (!collector->sites)
		return;
	stack_unwind_seed(collector->unwind, pid);
	look_for_hakmem(collector);
}

void stack_collector_stop(struct stack_collector *collector)
{
	if (collector->sites)
		site_probes_stop(alloc_sites_probes(collector->sites));
}

struct alloc_sites *stack_collector_sites(const struct stack_collector *collector)
{
	return collector->sites;
}

void stack_collector_drain(struct stack_collector *collector, uint64_t faults, uint64_t runtime_ns)
{
	if (collector->sites && !collector->wish.all)
		alloc_sites_limit_reused(collector->sites);
	consume(collector);
	if (collector->sites)
		look_for_hakmem(collector);
	steer(collector, faults, runtime_ns);
}

struct stack_rows *stack_collector_rows(struct stack_collector *collector)
{
	return &collector->rows;
}

struct code_files *stack_collector_files(struct stack_collector *collector)
{
	return stack_unwind_files(collector->unwind);
}

struct jit_maps *stack_collector_jit_maps(struct stack_collector *collector)
{
	return stack_unwind_jit_maps(collector->unwind);
}

struct stack_losses stack_collector_losses(const struct stack_collector *collector)
{
	struct stack_losses losses = collector->losses;

	losses.room += collector->skeleton->bss->stacks_lost;
	return losses;
}

uint64_t stack_collector_cost(const struct stack_collector *collector)
{
	return collector->skeleton->bss->stack_ns;
}
