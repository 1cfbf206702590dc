// SPDX-License-Identifier: MIT
/* A child touches a chunk to warm up, one uncounted, one counted and one timed, and tells how long each fault took. */
#include "assist/range_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "trace/cost_tables.h"
#include "machine/refusal.h"

#define PAGE        4096UL
#define CHUNK       (1UL << HAKMEM_CHUNK_SHIFT)
#define PAGES       (CHUNK / PAGE)
#define BATCH_PAGES 8

/* Hooks may be skipped for a task that is preempted in one; the child is too, for moments. */
#define LEAST_COUNTED (PAGES * 9 / 10)
#define LEAST_TIMED   (PAGES / 2)

/* Until the child's table is entered, in ms. */
#define PATIENCE_MS 1000

enum turn {
	WARMING,
	UNCOUNTED,
	COUNTED,
	TIMED,
	TURNS,
};

struct check {
	struct range_counter *counter;
	char *chunks;           /* one a turn */
	struct hakmem_map *map; /* the child's, by which they are published */
	pid_t child;
	int ask, answer; /* our ends of pipes */
	double fault_ns[TURNS];
};

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* The fastest batch's. */
static double touch(char *chunk)
{
	double best = 0;

	for (size_t page = 0; page < PAGES; page += BATCH_PAGES) {
		double begin = now_ns(), each;

		for (size_t i = 0; i < BATCH_PAGES; i++)
			((volatile char *)chunk)[(page + i) * PAGE] = 1;
		each = (now_ns() - begin) / BATCH_PAGES;
		if (!best || each < best)
			best = each;
	}
	return best;
}

static void be_child(const struct check *check, int asked, int answer)
{
	unsigned char turn;

	while (read(asked, &turn, 1) == 1) {
		double ns = touch(check->chunks + turn * CHUNK);

		if (write(answer, &ns, sizeof(ns)) != sizeof(ns))
			break;
	}
	_exit(0);
}

static int take_turn(struct check *check, enum turn turn)
{
	unsigned char byte = turn;

	return write(check->ask, &byte, 1) == 1 &&
	               read(check->answer, &check->fault_ns[turn], sizeof(double)) == sizeof(double)
	           ? 0
	           : -1;
}

/* As libhakmem does it. */
static void publish(struct hakmem_map *map, const char *chunk)
{
	uint64_t number = (uintptr_t)chunk >> HAKMEM_CHUNK_SHIFT;

	for (unsigned int probe = 0; probe < HAKMEM_MAP_PROBES; probe++) {
		struct hakmem_map_slot *slot = &map->slots[(number + probe) % HAKMEM_MAP_SLOTS];

		if (slot->tag)
			continue;
		slot->tag = HAKMEM_TAG(number, HAKMEM_RANGE_LARGE);
		return;
	}
}

static const struct hakmem_cost *cost_of(const struct check *check, const struct hakmem_costs *costs, enum turn turn)
{
	uint64_t number = (uintptr_t)(check->chunks + turn * CHUNK) >> HAKMEM_CHUNK_SHIFT;

	for (size_t slot = 0; slot < HAKMEM_MAP_SLOTS; slot++)
		if (HAKMEM_TAG_NUMBER(check->map->slots[slot].tag) == number)
			return &costs->cost[slot];
	return &costs->cost[0];
}

static int start_child(struct check *check)
{
	int ask[2], answer[2];
	char *memory =
	    mmap(NULL, (TURNS + 1) * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	check->map = mmap(NULL, sizeof(*check->map), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || check->map == MAP_FAILED || pipe2(ask, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		return -1;
	check->chunks = (char *)(((uintptr_t)memory + CHUNK - 1) & ~(CHUNK - 1));
	madvise(memory, (TURNS + 1) * CHUNK, MADV_NOHUGEPAGE);
	for (int turn = 0; turn < TURNS; turn++)
		publish(check->map, check->chunks + turn * CHUNK);
	check->child = fork();
	if (!check->child) {
		close(ask[1]);
		close(answer[0]);
		be_child(check, ask[0], answer[1]);
	}
	munmap(memory, (TURNS + 1) * CHUNK);
	close(ask[0]);
	close(answer[1]);
	check->ask = ask[1];
	check->answer = answer[0];
	return check->child < 0 ? -1 : 0;
}

static int enter_table(struct cost_tables *tables, const struct cost_table *wanted, const struct cost_table **table)
{
	__u32 key = wanted->key, number;

	errno = cost_tables_give(tables, wanted, table);
	if (!errno)
		errno = cost_tables_enter(tables, *table);
	if (errno)
		return -1;
	for (int waited = 0; bpf_map_lookup_elem(tables->outer, &key, &number); waited++) {
		if (waited == PATIENCE_MS)
			return -1;
		usleep(1000);
	}
	return 0;
}

static int count_turns(struct check *check, struct cost_tables *tables, struct cost_area *area)
{
	struct cost_table wanted = {.process = check->child, .end = syscall(SYS_pidfd_open, check->child, 0)};
	const struct cost_table *table;

	wanted.key = range_counter_admit(check->counter, check->child, geteuid(), (uintptr_t)check->map);
	if (!wanted.key || enter_table(tables, &wanted, &table) || take_turn(check, COUNTED))
		return -1;
	range_counter_time(check->counter, true);
	if (take_turn(check, TIMED))
		return -1;
	range_counter_time(check->counter, false);
	return cost_table_read(table, area);
}

static bool counts_right(const struct hakmem_cost *cost)
{
	return cost->faults >= LEAST_COUNTED && cost->faults <= PAGES + BATCH_PAGES &&
	       cost->zeroed_bytes >= LEAST_COUNTED * PAGE && cost->zeroed_bytes <= CHUNK + BATCH_PAGES * PAGE;
}

static double added(double with, double without)
{
	return with > without ? with - without : 0;
}

static int judge(
    const struct check *check, const struct cost_area *area, struct range_price *price, char error[REFUSAL_TEXT])
{
	const struct hakmem_cost *counted = cost_of(check, &area->costs, COUNTED);
	const struct hakmem_cost *timed = cost_of(check, &area->costs, TIMED);

	if (!counts_right(counted) || !counts_right(timed)) {
		snprintf(error, REFUSAL_TEXT,
		    "of %lu faults, each of which zeroes a page, %llu and then %llu were counted, and %llu and %llu "
		    "pages",
		    PAGES, (unsigned long long)counted->faults, (unsigned long long)timed->faults,
		    (unsigned long long)counted->zeroed_bytes / PAGE, (unsigned long long)timed->zeroed_bytes / PAGE);
		return -1;
	}
	*price = (struct range_price){
	    .fault = added(check->fault_ns[COUNTED], check->fault_ns[UNCOUNTED]),
	    .timed = added(check->fault_ns[TIMED], check->fault_ns[COUNTED]),
	    .times = timed->timed >= LEAST_TIMED && timed->fault_ns && timed->zero_timed_bytes && timed->zero_ns,
	};
	return 0;
}

static void end_child(struct check *check)
{
	close(check->ask);
	close(check->answer);
	if (check->child > 0)
		while (waitpid(check->child, NULL, 0) < 0 && errno == EINTR)
			;
	munmap(check->map, sizeof(*check->map));
}

int range_check(struct range_counter *counter, struct range_price *price, char error[REFUSAL_TEXT])
{
	struct check check = {.counter = counter};
	struct cost_tables tables;
	static struct cost_area area;
	int result;

	if (cost_tables_open(&tables, range_counter_tables(counter), 1) || start_child(&check) ||
	    take_turn(&check, WARMING) || take_turn(&check, UNCOUNTED))
		return refusal_say(error, "starting a child to count", errno);
	result = range_counter_attach(counter, error);
	if (!result && count_turns(&check, &tables, &area))
		result = refusal_say(error, "counting a child", errno);
	if (!result)
		result = judge(&check, &area, price, error);
	end_child(&check);
	while (counter->count) {
		uint32_t key = counter->watches[0].key;

		range_counter_leave(counter, key);
		bpf_map_delete_elem(tables.outer, &key);
	}
	cost_tables_close(&tables);
	return result;
}
