// SPDX-License-Identifier: MIT
/*
 * Writes the flame graphs that tests/web/flame.sh looks at, of snapshots that are made up.
 * Usage: flame_pages few|many|sites|unmeasured|nothing|difference|shrunk [VALUE]     to the standard output
 */
#include "output/flame.h"
#include "tests/unit/loader/stack_sample.h"

/* Names as an enemy would choose them; none of it may be run, or seen as anything but text. */
#define HOSTILE_FUNCTION "std::map<int, evil</script><script>alert(1)</script>>::at<\"'&amp;\xe2\x80\xa8>(char const*)"
#define HOSTILE_OBJECT   "lib<img src=x onerror=alert(2)>\xff\xfe.so"
#define HOSTILE_DETAIL   "<!--<script>\xc3\x28\x1b[31m"

static uint32_t frame(struct stacks *stacks, const char *function, const char *object, uint32_t line)
{
	struct frame made = {.function = function, .object = object, .source = "", .line = line, .address = 16 + line};
	uint32_t number;

	if (line)
		made.source = "bench/sort.c";
	made.inlined = line == 7;
	number = stacks_frame(stacks, &made);
	assert_int_not_equal(number, 0);
	return number;
}

static struct stack_row *take(struct snapshot *snapshot, struct stack_key key, double faults, double pages)
{
	struct stack_row *row = stacks_row(snapshot->stacks, &key);

	assert_non_null(row);
	row->samples += faults;
	row->faults += faults;
	row->zeroed_bytes += pages * 4096;
	row->timed += faults;
	row->timed_ns += faults * 1500;
	return row;
}

static struct snapshot *new_with_stacks(void)
{
	struct snapshot *snapshot = sample_new();

	snapshot->stacks = stacks_new();
	assert_non_null(snapshot->stacks);
	snapshot->stacks->unwinding = UNWINDING_DWARF;
	return snapshot;
}

/* 100 faults of the program's own, 60 of libc's, 40 of hostile names; `more` of them in sort. */
static struct snapshot *few(double more)
{
	struct snapshot *snapshot = new_with_stacks();
	struct stacks *stacks = snapshot->stacks;
	uint32_t start = frame(stacks, "_start", "bench", 0), main = frame(stacks, "main", "bench", 40);
	uint32_t sort = frame(stacks, "sort", "bench", 12), swap = frame(stacks, "swap", "bench", 7);
	uint32_t read = frame(stacks, "read_all", "bench", 30), unknown = frame(stacks, "", "libunknown.so", 0);
	uint32_t hostile = frame(stacks, HOSTILE_FUNCTION, HOSTILE_OBJECT, 0);
	uint32_t sorting[] = {swap, sort, main, start},
	         other_line[] = {frame(stacks, "sort", "bench", 15), main, start};
	uint32_t reading[] = {unknown, read, main, start}, evil[] = {hostile, main, start};
	struct stack_key key = {
	    .region = REGION_PROGRAM, .cause = FAULT_CAUSE_FIRST_TOUCH, .detail = "data", .comm = "bench"};

	snapshot->command[2][0] = '<';
	sample_row(snapshot, REGION_PROGRAM, "data", 100 + more, 80);
	sample_row(snapshot, REGION_LIBC, "heap", 60, 60);
	sample_row(snapshot, REGION_FILE, HOSTILE_DETAIL, 40, 0);
	key.touched = (struct frames){sorting, 4};
	take(snapshot, key, 70 + more, 60);
	key.cause = FAULT_CAUSE_PURGED;
	key.touched = (struct frames){other_line, 3};
	take(snapshot, key, 30, 20);
	key.region = REGION_LIBC;
	key.detail = "heap";
	key.touched = (struct frames){reading, 4};
	take(snapshot, key, 60, 60);
	key.region = REGION_FILE;
	key.detail = HOSTILE_DETAIL;
	key.touched = (struct frames){evil, 3};
	take(snapshot, key, 40, 0);
	return snapshot;
}

/* 20,000 stacks of up to 40 frames, as a large program has them; most cost next to nothing. */
static struct snapshot *many(void)
{
	struct snapshot *snapshot = new_with_stacks();
	struct stack_key key = {.region = REGION_ANON, .cause = FAULT_CAUSE_FIRST_TOUCH, .detail = "", .comm = "large"};
	uint64_t seed = 42, faults = 0;
	char name[64];

	snapshot->stacks->sampled = true;
	snapshot->stacks->lost = 17;
	snapshot->stacks->cut = 5;
	for (int i = 0; i < 20000; i++) {
		uint32_t frames[40];
		double cost = 1 + 20000.0 / (1 + i);
		size_t count = 0;

		while (count < 40) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			/* The outer frames differ less. */
			snprintf(name, sizeof(name), "namespace_of_%zu::function_%u<int>(char const*)", count,
			    (unsigned int)(seed >> 40) % (count < 20      ? 400
			                                     : count < 38 ? 2
			                                                  : 1));
			frames[count++] = frame(snapshot->stacks, name, "large", 0);
		}
		key.region = i % REGION_UNSEEN;
		key.touched = (struct frames){frames, count};
		key.pid = i % 3;
		key.comm = i % 3 ? "large" : "other";
		take(snapshot, key, cost, cost);
		faults += cost;
	}
	for (enum region region = 0; region < REGION_UNSEEN; region++)
		sample_row(snapshot, region, "", faults / REGION_UNSEEN, faults / REGION_UNSEEN);
	return snapshot;
}

/* This kernel can't tell whose zeroing it is, nor how long faults take. */
static struct snapshot *unmeasured(void)
{
	struct snapshot *snapshot = few(0);

	for (size_t i = 0; i < snapshot->region_count; i++) {
		snapshot->regions[i].counts.zeroed_bytes = UNKNOWN;
		snapshot->regions[i].counts.timed = 0;
	}
	for (size_t i = 0; i < snapshot->stacks->row_count; i++)
		snapshot->stacks->rows[i].timed = snapshot->stacks->rows[i].timed_ns = 0;
	return snapshot;
}

int main(int count, char **arguments)
{
	const char *which = count > 1 ? arguments[1] : "few";
	struct output_options options = {};
	struct snapshot *snapshot, *after = NULL;
	int result;

	if (count > 2 && !stack_value_find(arguments[2], &options.value))
		return 2;
	if (!strcmp(which, "many"))
		snapshot = many();
	else if (!strcmp(which, "sites"))
		snapshot = sample_with_stacks();
	else if (!strcmp(which, "unmeasured"))
		snapshot = unmeasured();
	else if (!strcmp(which, "nothing"))
		snapshot = new_with_stacks();
	else
		snapshot = few(strcmp(which, "shrunk") ? 0 : 200);
	sample_finish(snapshot);
	if (!strcmp(which, "difference") || !strcmp(which, "shrunk"))
		after = sample_finish(few(strcmp(which, "shrunk") ? 200 : 0));
	result = after ? flame_diff(snapshot, after, &options, stdout) : output_flame(snapshot, &options, stdout);
	snapshot_free(snapshot);
	snapshot_free(after);
	return result ? 1 : 0;
}
