// SPDX-License-Identifier: MIT
/* The handshake for costs, from the giver's side: what is no request, who is told no, who waits, and who gets a table.
 */
/* beside: VMs. It waits for time to pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "assist/cost_server.h"

static struct cost_tables tables;
static struct cost_server server;
static struct sockaddr_un address;
static socklen_t address_size;
static int verdict; /* on who asks */
static uint64_t map_told;
static unsigned int left_count;

static int judge(void *context, struct cost_table *wanted, const struct hakmem_costs_request *request)
{
	(void)context;
	map_told = request->map;
	wanted->key = wanted->process;
	return verdict;
}

static void note_left(void *context, const struct cost_table *table)
{
	(void)context;
	(void)table;
	left_count++;
}

/* A map of maps, where that is allowed. */
static int make_outer(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, inner_options, .map_flags = BPF_F_MMAPABLE);
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "inner", 4, sizeof(struct cost_area), 1, &inner_options);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = inner);
	int outer = inner < 0 ? -1 : bpf_map_create(BPF_MAP_TYPE_HASH_OF_MAPS, "outer", 4, 4, 8, &options);

	if (inner >= 0)
		close(inner);
	return outer;
}

static int open_all(void **state)
{
	const struct cost_rules rules = {.admit = judge, .left = note_left, .most_each = 4};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)state;
	verdict = 0;
	left_count = 0;
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	address_size = offsetof(struct sockaddr_un, sun_path) + 1 +
	               sprintf(address.sun_path + 1, "hakmem-test-server-%d", getpid());
	assert_int_equal(bind(listener, (struct sockaddr *)&address, address_size), 0);
	assert_int_equal(listen(listener, 64), 0);
	assert_int_equal(cost_tables_open(&tables, make_outer(), 4), 0);
	assert_int_equal(cost_server_open(&server, listener, &tables, &rules), 0);
	return 0;
}

static int close_all(void **state)
{
	int outer = tables.outer;

	(void)state;
	cost_server_close(&server);
	cost_tables_close(&tables);
	if (outer >= 0)
		close(outer);
	return 0;
}

static int enter(void)
{
	int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(client, (struct sockaddr *)&address, address_size), 0);
	return client;
}

static const struct hakmem_costs_request good = {
    .magic = HAKMEM_COSTS_MAGIC, .version = HAKMEM_MAP_VERSION, .map = 0x1234000};

/* Says this, is served, and gets a reply, or is turned away: then its status is UINT32_MAX. */
static uint32_t ask(const void *text, size_t size)
{
	struct hakmem_costs_reply reply = {};
	int client = enter();
	ssize_t got;

	assert_int_equal(send(client, text, size, 0), size);
	cost_server_serve(&server);
	got = recv(client, &reply, sizeof(reply), 0);
	close(client);
	if (got <= 0)
		return UINT32_MAX;
	assert_int_equal(got, sizeof(reply));
	assert_true(reply.magic == HAKMEM_COSTS_MAGIC && reply.version == HAKMEM_MAP_VERSION);
	return reply.status;
}

static void what_is_no_request_is_turned_away(void **state)
{
	struct hakmem_costs_request request = good;
	char longer[sizeof(good) + 8];

	(void)state;
	request.magic++;
	assert_int_equal(ask(&request, sizeof(request)), UINT32_MAX);
	assert_int_equal(ask(&good, sizeof(good) - 1), UINT32_MAX);
	assert_int_equal(ask(&good, 1), UINT32_MAX);
	assert_int_equal(ask("", 0), UINT32_MAX);
	memset(longer, 0, sizeof(longer));
	memcpy(longer, &good, sizeof(good));
	assert_int_equal(ask(longer, sizeof(longer)), UINT32_MAX);
	assert_int_equal(server.counts.garbled, 5);
	assert_int_equal(server.counts.given + server.counts.refused, 0);
}

static void another_version_is_told_so(void **state)
{
	struct hakmem_costs_request request = good;

	(void)state;
	request.version--;
	assert_int_equal(ask(&request, sizeof(request)), EPROTO);
	assert_int_equal(server.counts.refused, 1);
}

static void who_may_not_have_one_is_told_so(void **state)
{
	(void)state;
	verdict = EPERM;
	assert_int_equal(ask(&good, sizeof(good)), EPERM);
	verdict = ENOSPC;
	assert_int_equal(ask(&good, sizeof(good)), ENOSPC);
	assert_int_equal(map_told, good.map);
	assert_int_equal(server.counts.refused, 1);
	assert_int_equal(server.counts.full, 1);
	assert_int_equal(tables.count, 0);
}

static void a_late_request_is_answered(void **state)
{
	struct hakmem_costs_reply reply;
	int client = enter();

	(void)state;
	verdict = EPERM;
	cost_server_serve(&server);
	assert_int_equal(server.waiting_count, 1);
	assert_int_equal(send(client, &good, sizeof(good), 0), sizeof(good));
	cost_server_serve(&server);
	assert_int_equal(recv(client, &reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(server.waiting_count, 0);
	close(client);
}

static void who_says_nothing_makes_way(void **state)
{
	int silent[3 * COST_WAITING];
	char byte;

	(void)state;
	verdict = EPERM;
	for (int i = 0; i < 3 * COST_WAITING; i++) {
		silent[i] = enter();
		cost_server_serve(&server);
	}
	assert_int_equal(server.waiting_count, COST_WAITING);
	assert_int_equal(server.counts.late, 2 * COST_WAITING);
	assert_int_equal(ask(&good, sizeof(good)), EPERM); /* meanwhile others are served */
	/* After a while all of them are turned away. */
	usleep(150000);
	cost_server_serve(&server);
	assert_int_equal(server.waiting_count, 0);
	for (int i = 0; i < 3 * COST_WAITING; i++) {
		assert_int_equal(recv(silent[i], &byte, 1, 0), 0);
		close(silent[i]);
	}
	/* So is who has gone by then. */
	close(enter());
	cost_server_serve(&server);
	assert_int_equal(server.waiting_count, 0);
	assert_int_equal(server.counts.garbled, 1);
}

/* In a process of its own: asks, and says by its exit status whether the table is its own. */
static void take_table(int go)
{
	struct hakmem_costs_reply reply = {};
	struct iovec part = {&reply, sizeof(reply)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int client = socket(AF_UNIX, SOCK_SEQPACKET, 0), map;
	struct hakmem_costs *costs;
	char byte;

	if (connect(client, (struct sockaddr *)&address, address_size) ||
	    send(client, &good, sizeof(good), 0) != sizeof(good) || recvmsg(client, &message, 0) != sizeof(reply) ||
	    reply.status || reply.offset || reply.size < sizeof(*costs) || !CMSG_FIRSTHDR(&message))
		_exit(1);
	memcpy(&map, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(map));
	costs = mmap(NULL, reply.size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (costs == MAP_FAILED || costs->magic != HAKMEM_COSTS_MAGIC || (pid_t)costs->process != getpid() ||
	    costs->cost[7].faults)
		_exit(2);
	costs->cost[7].faults = getpid(); /* which nobody else may see */
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, map, sizeof(struct cost_area)) != MAP_FAILED)
		_exit(3); /* there is something behind it */
	if (read(go, &byte, 1) < 0)
		_exit(4);
	_exit(costs->cost[7].faults != (hakmem_u64)getpid());
}

static void serve_until(size_t count)
{
	for (int i = 0; i < 500 && tables.count != count; i++) {
		cost_server_serve(&server);
		usleep(10000);
	}
	assert_int_equal(tables.count, count);
}

static void each_process_gets_a_table_until_it_ends(void **state)
{
	int go[2], status;
	pid_t child[5];

	(void)state;
	if (tables.outer < 0)
		skip(); /* needs CAP_BPF */
	assert_int_equal(pipe(go), 0);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 4; i++) {
			child[i] = fork();
			if (!child[i]) {
				close(go[1]);
				take_table(go[0]);
			}
			serve_until(i + 1);
			assert_non_null(cost_tables_find(&tables, child[i]));
		}
		/* There is no room for a fifth. */
		child[4] = fork();
		if (!child[4]) {
			struct hakmem_costs_reply reply = {};
			int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);

			_exit(connect(client, (struct sockaddr *)&address, address_size) ||
			      send(client, &good, sizeof(good), 0) != sizeof(good) ||
			      recv(client, &reply, sizeof(reply), 0) != sizeof(reply) || reply.status != ENOSPC);
		}
		for (int i = 0; i < 500 && waitpid(child[4], &status, WNOHANG) != child[4]; i++) {
			cost_server_serve(&server);
			usleep(10000);
		}
		assert_int_equal(status, 0);
		for (int i = 0; i < 4; i++)
			assert_int_equal(write(go[1], "g", 1), 1);
		for (int i = 0; i < 4; i++) {
			assert_int_equal(waitpid(child[i], &status, 0), child[i]);
			assert_int_equal(status, 0);
		}
		serve_until(0);
		assert_int_equal(left_count, 4 * (round + 1) + round + 1); /* the fifth too, which was admitted */
	}
	assert_int_equal(server.counts.given, 8);
	assert_int_equal(server.counts.full, 2);
	close(go[0]);
	close(go[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_no_request_is_turned_away, open_all, close_all),
	    cmocka_unit_test_setup_teardown(another_version_is_told_so, open_all, close_all),
	    cmocka_unit_test_setup_teardown(who_may_not_have_one_is_told_so, open_all, close_all),
	    cmocka_unit_test_setup_teardown(a_late_request_is_answered, open_all, close_all),
	    cmocka_unit_test_setup_teardown(who_says_nothing_makes_way, open_all, close_all),
	    cmocka_unit_test_setup_teardown(each_process_gets_a_table_until_it_ends, open_all, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
