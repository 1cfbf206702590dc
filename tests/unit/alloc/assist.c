// SPDX-License-Identifier: MIT
/* Assistance at work: real programs' ways with memory, without a tracer and with one that tells anything. */
/* beside: VMs. It waits for time to pass. */
#include "test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "assist.h"
#include "costs.h"
#include "options.h"
#include "publish.h"
#include "purge.h"
#include "superslab.h"

enum { BLOCKS = 60000 };
static char *blocks[BLOCKS];

static size_t size_of(size_t number)
{
	return 16 + number * 7919 % 1500;
}

static void grow(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		blocks[i] = opaque(malloc(size_of(i)));
		memset(blocks[i], (int)i, size_of(i));
	}
}

static void shrink(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (blocks[i][0] != (char)i || blocks[i][size_of(i) - 1] != (char)i)
			_exit(9);
		free(blocks[i]);
	}
}

static size_t grown; /* so many blocks */

/* Not before it has touched some mebibytes does it ask. */
static void grow_until_told(void)
{
	struct hakmem_cost cost;

	for (; grown < BLOCKS && !costs_read(0, &cost); grown += 1000)
		grow(grown, grown + 1000);
}

/* Where a tracer, played by another process, lets it be told what memory costs; NULL without. */
static struct hakmem_costs *area;

static int make_area(void)
{
	int memory = memfd_create("costs", MFD_CLOEXEC);

	if (ftruncate(memory, sizeof(*area)) != 0)
		_exit(10);
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	area->magic = HAKMEM_COSTS_MAGIC;
	area->version = HAKMEM_MAP_VERSION;
	return memory;
}

static void give_area(int listener, int memory)
{
	struct hakmem_costs_reply reply = {
	    .magic = HAKMEM_COSTS_MAGIC, .version = HAKMEM_MAP_VERSION, .size = sizeof(*area)};
	int connection;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.align = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec part = {&reply, sizeof(reply)};
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
	struct hakmem_costs_request request;

	memcpy(CMSG_DATA(&control.align), &memory, sizeof(memory));
	while ((connection = accept(listener, NULL, NULL)) >= 0) {
		recv(connection, &request, sizeof(request), 0);
		sendmsg(connection, &message, 0);
		close(connection);
	}
	_exit(0);
}

#define TOLD_NOTHING 12 /* an exit status */

/* Starts with a tracer that listens where HAKMEM_ASSIST says, which is asked at once if so wished. */
static void start_beside_tracer(bool asks)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), memory = make_area();
	char variable[150], *environment[] = {variable, NULL};
	pid_t tracer;

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/hakmem-assist-%d", (int)getpid());
	snprintf(variable, sizeof(variable), "HAKMEM_ASSIST=%s", address.sun_path);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 1) != 0)
		_exit(11);
	tracer = fork();
	if (tracer == 0)
		give_area(listener, memory);
	options_read(environment, false);
	/* It is not waited for for long. */
	for (int i = 0; i < 100 && !costs_read(0, &(struct hakmem_cost){.faults = 0}); i++) {
		costs_start(environment, false);
		if (!asks)
			break;
		costs_ask();
		usleep(20000);
	}
	assist_start();
	if (!asks)
		grow_until_told();
	unlink(address.sun_path);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	if (!assist_is_on() || !costs_read(0, &(struct hakmem_cost){.faults = 0}))
		_exit(TOLD_NOTHING);
}

static void start_traced(void)
{
	start_beside_tracer(true);
}

static void begin_small(void *unused)
{
	(void)unused;
	start_beside_tracer(false);
	/* Blocks have 765 bytes on average. */
	if (grown * 765 < 7 * MIB || grown * 765 > 12 * MIB)
		_exit(16);
	if (area->decisions.size != sizeof(area->decisions))
		_exit(17);
	shrink(0, grown);
}

static void fill_area(struct hakmem_cost cost)
{
	for (size_t i = 0; i < HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES; i++)
		area->cost[i] = cost;
}

static void start(char *first, char *second)
{
	char *environment[] = {first, second, NULL};

	options_read(environment, false);
	assist_start();
	if (!assist_is_on())
		_exit(8);
}

static size_t resident_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1)
		_exit(7);
	fclose(file);
	return pages * PAGE_SIZE;
}

/* The number behind some words of what was printed. */
static long number_behind(const char *text, const char *words)
{
	const char *found = strstr(text, words);

	assert_non_null(found);
	return strtol(found + strlen(words), NULL, 10);
}

static char output[16384];

static const char *run(void (*body)(void *), void *argument)
{
	assert_int_equal(run_in_child(body, argument, output, sizeof(output)), 0);
	return output;
}

static void fill_many_slabs(void *setting)
{
	start("HAKMEM_ASSIST=auto", setting);
	grow(0, BLOCKS);
	assist_print();
	shrink(0, BLOCKS);
}

static void pages_go_ahead_where_slabs_get_filled(void **state)
{
	const char *text = run(fill_many_slabs, NULL);

	(void)state;
	assert_true(number_behind(text, "made present ahead: ") > 500);
	assert_non_null(strstr(text, ": 16 pages, of slabs "));
	assert_non_null(strstr(text, "slabs get filled"));
	assert_non_null(strstr(text, "assist, huge pages for SuperSlabs: asked for; 1 change; "));
	assert_non_null(strstr(text, "built-in costs: a page 1144 ns"));
}

/* For hakmem-trace to see: as decided, and why. */
static void look_from_outside(void *unused)
{
	const struct hakmem_decisions *decisions;
	unsigned int ahead = 0;

	(void)unused;
	start("HAKMEM_ASSIST=auto", NULL);
	decisions = (const void *)(uintptr_t)hakmem_map.inside.decisions;
	if (decisions == NULL || decisions->size != sizeof(*decisions) || decisions->prefault[0].made)
		_exit(11);
	grow(0, BLOCKS);
	for (size_t class = 0; class < HAKMEM_MAP_CLASSES; class ++)
		ahead += decisions->prefault[class].made && decisions->prefault[class].value == 16 &&
		         decisions->prefault[class].reason == POLICY_BATCH_PAYS &&
		         decisions->prefault[class].changes > 0;
	if (ahead == 0 || !decisions->huge[0].made || decisions->huge[0].value != 1 ||
	    decisions->huge[0].reason != POLICY_DENSE)
		_exit(12);
	shrink(0, BLOCKS);
}

static void decisions_are_published(void **state)
{
	(void)state;
	run(look_from_outside, NULL);
}

/* For who gave the table, when this has ended; and what shares no table any more changes nothing there. */
static void look_beside_costs(void *unused)
{
	const struct hakmem_decisions *decisions;
	struct hakmem_decisions before;

	(void)unused;
	start_traced();
	decisions = (const void *)(uintptr_t)hakmem_map.inside.decisions;
	if (area->decisions.size != sizeof(area->decisions) || !area->decisions.delay.made)
		_exit(13);
	grow(0, BLOCKS / 2);
	if (memcmp(&area->decisions, decisions, sizeof(*decisions)) != 0 || !area->decisions.huge[0].made)
		_exit(14);
	before = area->decisions;
	costs_drop();
	grow(BLOCKS / 2, BLOCKS);
	if (memcmp(&area->decisions, &before, sizeof(before)) != 0)
		_exit(15);
	if (memcmp(decisions, &before, sizeof(before)) == 0)
		_exit(16); /* there was nothing to keep out */
	shrink(0, BLOCKS);
}

static void decisions_are_kept_beside_costs(void **state)
{
	(void)state;
	run(look_beside_costs, NULL);
}

static void what_is_set_by_hand_wins(void **state)
{
	const char *text = run(fill_many_slabs, "HAKMEM_SS_PREFAULT=off");

	(void)state;
	assert_null(strstr(text, "ahead"));
	assert_non_null(strstr(text, "huge pages for SuperSlabs"));
	text = run(fill_many_slabs, "HAKMEM_THP=off");
	assert_null(strstr(text, "huge pages for SuperSlabs"));
	assert_true(number_behind(text, "made present ahead: ") > 1000);
}

static void off_by_default(void **state)
{
	(void)state;
	assert_false(assist_is_on());
	assist_start();
	assert_false(assist_is_on());
}

/* All that was made present and isn't used is seen in what the process holds. */
static void hold_many_slabs(void *setting)
{
	size_t before;

	if (setting != NULL)
		start(setting, "HAKMEM_THP=off");
	else
		options_read((char *[]){"HAKMEM_THP=off", NULL}, false);
	before = resident_bytes();
	grow(0, BLOCKS);
	fprintf(stderr, "resident %zu\n", resident_bytes() - before);
}

static void little_more_is_resident(void **state)
{
	long without = number_behind(run(hold_many_slabs, NULL), "resident ");
	long with = number_behind(run(hold_many_slabs, "HAKMEM_ASSIST=auto"), "resident ");

	(void)state;
	assert_true(without > 20 * (long)MIB);
	assert_in_range(with, without - (long)MIB, without + without / 20);
}

static void *use_a_little(void *argument)
{
	char *mine[40];

	for (size_t i = 0; i < 40; i++)
		mine[i] = opaque(calloc(1, size_of(i)));
	for (size_t i = 0; i < 40; i++)
		free(mine[i]);
	return argument;
}

static void run_many_threads(void *unused)
{
	pthread_t threads[8];

	(void)unused;
	start("HAKMEM_ASSIST=auto", NULL);
	for (unsigned int round = 0; round < 500; round++) {
		for (size_t i = 0; i < 8; i++)
			if (pthread_create(&threads[i], NULL, use_a_little, NULL) != 0)
				_exit(6);
		for (size_t i = 0; i < 8; i++)
			pthread_join(threads[i], NULL);
	}
	assist_print();
}

static void many_short_threads_get_no_batches(void **state)
{
	const char *text = run(run_many_threads, NULL);

	(void)state;
	/* They touch some hundred pages: a 32nd is a batch or two. */
	assert_in_range(number_behind(text, "made present ahead: "), 0, 64);
}

/* Changes of all decisions that were printed. */
static unsigned int changes_in(const char *text)
{
	unsigned int sum = 0;

	for (const char *at = strstr(text, " change"); at != NULL; at = strstr(at + 1, " change")) {
		const char *digits = at;

		while (digits[-1] >= '0' && digits[-1] <= '9')
			digits--;
		sum += (unsigned int)strtoul(digits, NULL, 10);
	}
	return sum;
}

static void grow_and_shrink(void *times)
{
	start("HAKMEM_ASSIST=auto", "HAKMEM_HELPER=0");
	for (size_t i = 0; i < *(size_t *)times; i++) {
		grow(0, BLOCKS);
		shrink(BLOCKS / 8, BLOCKS);
		grow(BLOCKS / 8, BLOCKS / 2);
		shrink(0, BLOCKS / 2);
		malloc_trim(0);
	}
	assist_print();
}

static void growing_and_shrinking_settles(void **state)
{
	size_t few = 8, many = 40;
	unsigned int after_few = changes_in(run(grow_and_shrink, &few));
	unsigned int after_many = changes_in(run(grow_and_shrink, &many));

	(void)state;
	assert_true(after_few > 0);
	/* Each class turns once in 32 looks at most, once it knows that it is led about. */
	assert_in_range(after_many, 0, after_few * 2);
	assert_true(number_behind(output, "made present ahead: ") > 0);
}

/* What a tracer may come to tell: nothing, too much, one or the other by turns, what it told for other ranges. */
static void hear_anything(void *unused)
{
	static const struct hakmem_cost told[] = {
	    {.faults = 0},
	    {.faults = UINT64_MAX, .fault_ns = UINT64_MAX, .zeroed_bytes = UINT64_MAX, .zero_ns = UINT64_MAX},
	    {.faults = 1, .fault_ns = UINT64_MAX, .zeroed_bytes = 1},
	    {.faults = UINT64_MAX, .fault_ns = 1},
	    {.faults = 512, .fault_ns = 900000, .zeroed_bytes = 2 * MIB, .zero_ns = 150000},
	};

	(void)unused;
	start_traced();
	for (size_t i = 0; i < 40; i++) {
		fill_area(told[i % 5]);
		grow(0, BLOCKS / 4);
		fill_area(told[(i + i / 5) % 5]);
		grow(BLOCKS / 4, BLOCKS);
		shrink(0, BLOCKS);
		if (i % 4 == 0)
			malloc_trim(0);
	}
	assist_print();
	/* And then the truth, as it seems. */
	for (size_t i = 0; i < 80; i++) {
		fill_area((struct hakmem_cost){
		    .faults = 512, .timed = 512, .fault_ns = 512 * 2000, .zeroed_bytes = 2 * MIB, .zero_ns = 150000});
		superslab_grow(class_of_size(64));
	}
	fprintf(stderr, "then\n");
	assist_print();
}

#define MEDIUM_SIZE 250000
#define MEDIUM_MOST 120

static void have_medium_blocks(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		blocks[i] = opaque(malloc(MEDIUM_SIZE));
		/* A page of each is touched as yet. */
		fill_area((struct hakmem_cost){.faults = 8, .zeroed_bytes = 8 * PAGE_SIZE});
	}
}

/* The decision on medium chunks, of the one pool that there are any of. */
static void print_medium_decision(void)
{
	for (size_t pool = 1; pool <= HAKMEM_MEDIUM_POOLS; pool++)
		if (area->decisions.huge[pool].made)
			fprintf(stderr, "asked for %u, reason %u\n", area->decisions.huge[pool].value,
			    area->decisions.huge[pool].reason);
}

static void fill_medium_blocks_later(void *unused)
{
	(void)unused;
	start_traced();
	have_medium_blocks(MEDIUM_MOST);
	print_medium_decision();
}

static void leave_medium_blocks_untouched(void *unused)
{
	(void)unused;
	start_traced();
	have_medium_blocks(MEDIUM_MOST / 2);
	for (size_t i = 0; i < MEDIUM_MOST / 2; i++)
		free(blocks[i]);
	have_medium_blocks(MEDIUM_MOST);
	print_medium_decision();
}

static void memory_is_called_sparse_when_it_has_had_its_chance(void **state)
{
	const char *text = run(fill_medium_blocks_later, NULL);

	(void)state;
	assert_int_equal(number_behind(text, "asked for "), 1);
	assert_int_equal(number_behind(text, "reason "), POLICY_DENSE);
	text = run(leave_medium_blocks_untouched, NULL);
	assert_int_equal(number_behind(text, "asked for "), 0);
	assert_int_equal(number_behind(text, "reason "), POLICY_SPARSE);
}

/* It asks once, and a busy machine's tracer may be late. */
static void who_grows_asks_what_memory_costs(void **state)
{
	int status = W_EXITCODE(TOLD_NOTHING, 0);

	(void)state;
	for (int i = 0; i < 10 && status == W_EXITCODE(TOLD_NOTHING, 0); i++)
		status = run_in_child(begin_small, NULL, output, sizeof(output));
	assert_int_equal(status, 0);
}

static void any_tracer_is_survived(void **state)
{
	const char *text = run(hear_anything, NULL), *then = strstr(text, "then\n");

	(void)state;
	assert_non_null(then);
	assert_non_null(strstr(then, "costs as measured:"));
	assert_in_range(number_behind(then, "measured: a page "), 1900, 2000);
	assert_in_range(
	    number_behind(text, ": a page "), POLICY_PAGE_NS / POLICY_CHEAPEST, POLICY_PAGE_NS * POLICY_DEAREST);
}

#define PATIENCE 100 /* tenths of a second */

static void burst_and_rest(void *unused)
{
	(void)unused;
	start("HAKMEM_ASSIST=auto", "HAKMEM_THP=off");
	/* On a busy machine the helper may be late, and nothing has gone back yet. */
	for (unsigned int i = 0; i < 20 && assist_delay_ticks() < 20; i++) {
		grow(0, BLOCKS);
		shrink(0, BLOCKS);
		usleep(1500000);
	}
	assist_print();
	/* When it rests for good, it becomes small all the same. */
	for (unsigned int i = 0; i < PATIENCE && purge_kept_bytes() > 1 * MIB; i++)
		usleep(100000);
	if (purge_kept_bytes() > 1 * MIB)
		_exit(5);
}

static void what_is_soon_used_again_is_kept_longer(void **state)
{
	const char *text = run(burst_and_rest, NULL);

	(void)state;
	assert_true(number_behind(text, "assist, delay: ") >= 2000);
	assert_non_null(strstr(text, "soon touched again"));
}

static void fork_at_work(void *unused)
{
	int status;
	pid_t child;

	(void)unused;
	start("HAKMEM_ASSIST=auto", NULL);
	grow(0, BLOCKS / 2);
	child = fork();
	if (child == 0) {
		grow(BLOCKS / 2, BLOCKS);
		shrink(0, BLOCKS);
		_exit(assist_is_on() ? 0 : 4);
	}
	grow(BLOCKS / 2, BLOCKS);
	shrink(0, BLOCKS);
	if (waitpid(child, &status, 0) != child || status != 0)
		_exit(3);
}

static void a_forked_child_goes_on_with_it(void **state)
{
	(void)state;
	run(fork_at_work, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(off_by_default),
	    cmocka_unit_test(pages_go_ahead_where_slabs_get_filled),
	    cmocka_unit_test(decisions_are_published),
	    cmocka_unit_test(decisions_are_kept_beside_costs),
	    cmocka_unit_test(what_is_set_by_hand_wins),
	    cmocka_unit_test(little_more_is_resident),
	    cmocka_unit_test(many_short_threads_get_no_batches),
	    cmocka_unit_test(growing_and_shrinking_settles),
	    cmocka_unit_test(who_grows_asks_what_memory_costs),
	    cmocka_unit_test(any_tracer_is_survived),
	    cmocka_unit_test(memory_is_called_sparse_when_it_has_had_its_chance),
	    cmocka_unit_test(what_is_soon_used_again_is_kept_longer),
	    cmocka_unit_test(a_forked_child_goes_on_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
