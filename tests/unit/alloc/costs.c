// SPDX-License-Identifier: MIT
/* The costs handshake, against a tracer played by the parent: all goes well, or anything goes wrong. */
/* beside: VMs. It waits for time to pass. */
#include "test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "costs.h"
#include "filter_calls.h"
#include "hakmem.h"
#include "options.h"
#include "publish.h"

enum fault {
	FAULT_NONE,
	FAULT_STATUS,        /* the reply says that there is no room */
	FAULT_SHORT,         /* the reply is cut off */
	FAULT_NO_DESCRIPTOR, /* no descriptor comes with it */
	FAULT_BAD_MAGIC,     /* the memory is not what it should be */
	FAULT_BAD_SIZE,      /* the reply claims a size that is too small */
	FAULT_SILENT,        /* the tracer accepts and then says nothing */
};

static char name[64];

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	return listener;
}

static int listen_here(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(name, sizeof(name), "hakmem-test-%d", (int)getpid());
	memcpy(address.sun_path + 1, name, strlen(name));
	assert_int_equal(bind(listener, (struct sockaddr *)&address,
	                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))),
	    0);
	assert_int_equal(listen(listener, 1), 0);
	return listener;
}

static int costs_memory(enum fault fault)
{
	int memory = memfd_create("costs", MFD_CLOEXEC);
	struct hakmem_costs *costs;

	assert_int_equal(ftruncate(memory, PAGE_SIZE + sizeof(*costs)), 0);
	costs = mmap(NULL, sizeof(*costs), PROT_READ | PROT_WRITE, MAP_SHARED, memory, PAGE_SIZE);
	assert_ptr_not_equal(costs, MAP_FAILED);
	costs->magic = fault == FAULT_BAD_MAGIC ? 1 : HAKMEM_COSTS_MAGIC;
	costs->version = HAKMEM_MAP_VERSION;
	for (size_t i = 0; i < HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES; i++)
		costs->cost[i] = (struct hakmem_cost){i, 2, 3, 4, 5, 6};
	munmap(costs, sizeof(*costs));
	return memory;
}

static void answer(int listener, enum fault fault)
{
	struct hakmem_costs_reply reply = {.magic = HAKMEM_COSTS_MAGIC,
	    .version = HAKMEM_MAP_VERSION,
	    .status = fault == FAULT_STATUS ? ENOSPC : 0,
	    .offset = PAGE_SIZE,
	    .size = fault == FAULT_BAD_SIZE ? 4096 : sizeof(struct hakmem_costs)};
	struct hakmem_costs_request request;
	int memory = costs_memory(fault), connection = accept(listener, NULL, NULL);
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	struct iovec part = {&reply, fault == FAULT_SHORT ? 8 : sizeof(reply)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (recv(connection, &request, sizeof(request), 0) != sizeof(request) || request.magic != HAKMEM_COSTS_MAGIC ||
	    request.version != HAKMEM_MAP_VERSION || request.map != (uintptr_t)&hakmem_map)
		_exit(1);
	if (fault == FAULT_SILENT) {
		sleep(2);
		_exit(0);
	}
	if (fault != FAULT_NO_DESCRIPTOR) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &memory, sizeof(memory));
	}
	sendmsg(connection, &message, 0);
	_exit(0);
}

static int lowest_free_descriptor(void)
{
	int descriptor = open("/dev/null", O_RDONLY);

	close(descriptor);
	return descriptor;
}

/* Whether the process has costs after a handshake with a tracer that has this fault. */
static bool handshake(enum fault fault, bool secure)
{
	char variable[100], *environment[] = {variable, NULL};
	int listener = listen_here(), before, status;
	struct hakmem_cost cost;
	pid_t tracer = -1;

	costs_drop();
	snprintf(variable, sizeof(variable), HAKMEM_COSTS_ENV "=%s", name);
	if (!secure && (tracer = fork()) == 0)
		answer(listener, fault);
	before = lowest_free_descriptor();
	costs_start(environment, secure);
	assert_int_equal(lowest_free_descriptor(), before); /* the program's numbers do not shift */
	close(listener);
	if (!secure) {
		assert_int_equal(waitpid(tracer, &status, 0), tracer);
		assert_int_equal(status, 0);
	}
	return costs_read(0, &cost);
}

static void costs_arrive(void **state)
{
	struct hakmem_cost_figures range;
	struct hakmem_cost cost;
	void *block = opaque(malloc(10));
	int status;
	pid_t child;

	(void)state;
	assert_true(handshake(FAULT_NONE, false));
	assert_true(costs_read(77, &cost));
	assert_true(cost.faults == 77 && cost.timed == 2 && cost.fault_ns == 3);
	assert_true(cost.zeroed_bytes == 4 && cost.zero_timed_bytes == 5 && cost.zero_ns == 6);
	assert_int_equal(hakmem_range_cost(block, &range), 0);
	assert_true(range.timed == 2 && range.fault_ns == 3 && range.zero_timed_bytes == 5);
	costs_clear(77);
	assert_true(costs_read(77, &cost) && cost.faults == 0);
	/* A forked child must not use them. */
	child = fork();
	if (child == 0)
		_exit(costs_read(77, &cost) ? 1 : 0);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_true(costs_read(77, &cost));
	free(block);
}

static void a_new_range_clears_its_costs(void **state)
{
	struct hakmem_cost_figures range;
	char *block;

	(void)state;
	assert_true(handshake(FAULT_NONE, false));
	block = opaque(malloc(100 * MIB));
	assert_int_equal(hakmem_range_cost(block, &range), 0);
	assert_true(range.faults == 0 && range.fault_ns == 0);
	free(block);
}

static void any_fault_means_no_costs(void **state)
{
	(void)state;
	for (enum fault fault = FAULT_STATUS; fault <= FAULT_SILENT; fault++)
		assert_false(handshake(fault, false));
}

static void nobody_listening_means_no_costs(void **state)
{
	char *environment[] = {HAKMEM_COSTS_ENV "=hakmem-nobody-here", NULL};
	char *empty[] = {HAKMEM_COSTS_ENV "=", NULL};
	struct hakmem_cost cost;

	(void)state;
	costs_drop();
	errno = 5;
	costs_start(environment, false);
	costs_start(empty, false);
	costs_start(NULL, false);
	assert_false(costs_read(0, &cost));
	assert_int_equal(errno, 5);
}

static void a_privileged_program_asks_nobody(void **state)
{
	(void)state;
	assert_false(handshake(FAULT_NONE, true));
}

static bool has_costs(void)
{
	return costs_read(0, &(struct hakmem_cost){.faults = 0});
}

/* Of who serves everybody; each test's child has its own. */
static char place[64];
static int listener;

static void listen_for_all(void)
{
	snprintf(place, sizeof(place), "/tmp/hakmem-costs-%d", (int)getpid());
	listener = listen_at(place);
}

static void start_for_place(void)
{
	char variable[100], *environment[] = {variable, NULL};

	snprintf(variable, sizeof(variable), "HAKMEM_ASSIST=%s", place);
	options_read(environment, false);
	costs_start(environment, false);
	memset(variable, 'x', sizeof(variable)); /* programs write over their environment */
}

static pid_t start_daemon(void)
{
	pid_t daemon = fork();

	if (daemon == 0)
		answer(listener, FAULT_NONE);
	return daemon;
}

static void end_daemon(pid_t daemon)
{
	unlink(place);
	close(listener);
	kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
}

static void start_beside_daemon(void)
{
	listen_for_all();
	start_for_place();
	if (costs_awaited && !has_costs())
		return;
	unlink(place);
	_exit(2);
}

#define TRIES 50 /* a busy machine's daemon may take longer than it is waited for */

static void ask_later_once(void)
{
	int before;
	pid_t daemon;

	start_beside_daemon();
	before = lowest_free_descriptor();
	daemon = start_daemon();
	if (costs_ask() != has_costs() || costs_awaited || costs_ask())
		_exit(3);
	if (lowest_free_descriptor() != before)
		_exit(4);
	end_daemon(daemon);
}

static void ask_later(void *unused)
{
	(void)unused;
	for (int i = 0; i < TRIES && !has_costs(); i++)
		ask_later_once();
	_exit(has_costs() ? 0 : 5);
}

static void who_serves_everybody_is_asked_later_and_once(void **state)
{
	(void)state;
	child_succeeds(ask_later, NULL);
}

static bool asks_in_fork_child(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(costs_awaited || costs_ask());
	return waitpid(child, &status, 0) != child || status != 0;
}

static bool asks_in_vfork_child(void)
{
	pid_t child = vfork();
	int status;

	if (child == 0)
		_exit(costs_ask());
	return waitpid(child, &status, 0) != child || status != 0;
}

static void ask_in_children(void *unused)
{
	(void)unused;
	start_beside_daemon();
	unlink(place);
	if (asks_in_fork_child() || !costs_awaited || asks_in_vfork_child() || !costs_awaited)
		_exit(1);
}

static void children_ask_nobody(void **state)
{
	(void)state;
	child_succeeds(ask_in_children, NULL);
}

static void ask_in_sandbox(void *unused)
{
	const int calls[] = {SYS_prctl, SYS_getpid, SYS_exit_group};

	(void)unused;
	start_beside_daemon();
	unlink(place);
	filter_calls(calls, sizeof(calls) / sizeof(calls[0]), SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS);
	_exit(costs_ask() || costs_awaited);
}

static void who_has_entered_a_sandbox_asks_nobody(void **state)
{
	(void)state;
	child_succeeds(ask_in_sandbox, NULL);
}

static void start_in_sandbox(void *unused)
{
	const int call = SYS_getpid;

	(void)unused;
	filter_calls(&call, 1, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW);
	for (int i = 0; i < TRIES && !has_costs(); i++) {
		pid_t daemon;

		listen_for_all();
		daemon = start_daemon();
		start_for_place();
		end_daemon(daemon);
	}
	_exit(has_costs() && !costs_awaited ? 0 : 1);
}

static void who_starts_in_a_sandbox_asks_at_once(void **state)
{
	(void)state;
	child_succeeds(start_in_sandbox, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(costs_arrive),
	    cmocka_unit_test(a_new_range_clears_its_costs),
	    cmocka_unit_test(any_fault_means_no_costs),
	    cmocka_unit_test(nobody_listening_means_no_costs),
	    cmocka_unit_test(a_privileged_program_asks_nobody),
	    cmocka_unit_test(who_serves_everybody_is_asked_later_and_once),
	    cmocka_unit_test(children_ask_nobody),
	    cmocka_unit_test(who_has_entered_a_sandbox_asks_nobody),
	    cmocka_unit_test(who_starts_in_a_sandbox_asks_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
