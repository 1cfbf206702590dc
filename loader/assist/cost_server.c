// SPDX-License-Identifier: MIT
/* A listener, connections whose request is awaited, and pidfds of who has a table: all in one epoll. */
#include "assist/cost_server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LATE_NS     100000000ULL /* libhakmem itself gives up before */
#define EVENTS_MOST 64           /* dealt with at a time */

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

enum what {
	LISTENER,
	CONNECTION,
	PROCESS,
};

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static int watch(struct cost_server *server, enum what what, int descriptor)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)what << 32 | (uint32_t)descriptor};

	return epoll_ctl(server->poll, EPOLL_CTL_ADD, descriptor, &event);
}

int cost_server_open(
    struct cost_server *server, int listener, struct cost_tables *tables, const struct cost_rules *rules)
{
	*server = (struct cost_server){
	    .poll = epoll_create1(EPOLL_CLOEXEC), .listener = listener, .rules = *rules, .tables = tables};
	if (server->poll >= 0 && !watch(server, LISTENER, listener))
		return 0;
	if (server->poll >= 0)
		close(server->poll);
	server->poll = -1;
	return -1;
}

static void send_reply(struct cost_server *server, int connection, const struct hakmem_costs_reply *reply, int map)
{
	struct iovec part = {.iov_base = (void *)reply, .iov_len = sizeof(*reply)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (!reply->status) {
		struct cmsghdr *header;

		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &map, sizeof(int));
	}
	if (sendmsg(connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		server->counts.failed++;
}

/* Of the process that connected; where the kernel can't tell that, of whoever has its id now. -1 with errno. */
static int open_process(int connection, pid_t process)
{
	int descriptor = -1;
	socklen_t length = sizeof(descriptor);

	if (!getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &descriptor, &length))
		return descriptor;
	return errno == ENOPROTOOPT ? syscall(SYS_pidfd_open, process, 0) : -1;
}

static bool has_ended(int process)
{
	struct pollfd ready = {.fd = process, .events = POLLIN};

	return poll(&ready, 1, 0) != 0;
}

static void leave(struct cost_server *server, const struct cost_table *table)
{
	if (server->rules.left)
		server->rules.left(server->rules.context, table);
}

/* Beyond a user's share root alone is given tables. */
static bool has_share(const struct cost_server *server, const struct cost_table *wanted)
{
	return !wanted->user || cost_tables_of(server->tables, wanted->user) < server->rules.most_each;
}

static void drop(struct cost_server *server, const struct cost_table *table)
{
	leave(server, table);
	cost_tables_drop(server->tables, table);
}

/* NULL, or the table of a process that was admitted. wanted->end is taken over then. *error: a value of errno. */
static const struct cost_table *give(struct cost_server *server, struct cost_table *wanted, int *error)
{
	const struct cost_table *given = NULL;

	*error = cost_tables_give(server->tables, wanted, &given);
	if (given && watch(server, PROCESS, given->end)) {
		*error = errno;
		wanted->end = -1;
		cost_tables_drop(server->tables, given);
		given = NULL;
	}
	return given;
}

/* The same of one that may have one, or not. */
static const struct cost_table *admit(
    struct cost_server *server, struct cost_table *wanted, const struct hakmem_costs_request *request, int *error)
{
	const struct cost_table *had = cost_tables_find(server->tables, wanted->process), *given = NULL;

	/* Its id may be another process's by now: that one's table is nothing to it. */
	if (had && (had->user != wanted->user || has_ended(wanted->end))) {
		*error = ESRCH;
		return NULL;
	}
	if (had)
		drop(server, had); /* it has called exec since */
	*error = has_share(server, wanted) ? server->rules.admit(server->rules.context, wanted, request) : ENOSPC;
	if (*error)
		return NULL;
	/* If it lives still, what was admitted was that process and not another one of its id. */
	*error = ESRCH;
	if (!has_ended(wanted->end))
		given = give(server, wanted, error);
	if (!given)
		leave(server, wanted);
	return given;
}

static int find_peer(int connection, struct cost_table *wanted)
{
	struct ucred peer = {};
	socklen_t length = sizeof(peer);

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return errno;
	if (peer.pid <= 0)
		return ESRCH; /* it is in another PID namespace, whose processes can't be seen from here */
	*wanted = (struct cost_table){
	    .process = peer.pid, .user = peer.uid, .end = open_process(connection, peer.pid), .map = -1};
	return wanted->end < 0 ? errno : 0;
}

static void count_error(struct cost_server *server, int error)
{
	switch (error) {
	case 0:
		break;
	case ENOSPC:
		server->counts.full++;
		break;
	case EPERM:
	case EPROTO:
	case ESRCH:
		server->counts.refused++;
		break;
	default:
		server->counts.failed++;
	}
}

static void answer(struct cost_server *server, int connection, const struct hakmem_costs_request *request)
{
	struct hakmem_costs_reply reply = {.magic = HAKMEM_COSTS_MAGIC, .version = HAKMEM_MAP_VERSION};
	struct cost_table wanted = {.end = -1};
	const struct cost_table *given = NULL;
	int error = request->version == HAKMEM_MAP_VERSION ? find_peer(connection, &wanted) : EPROTO;

	if (!error)
		given = admit(server, &wanted, request, &error);
	count_error(server, error);
	reply.status = error;
	reply.size = given ? sizeof(struct cost_area) : 0;
	if (given)
		server->counts.given += !cost_tables_enter(server->tables, given);
	else if (wanted.end >= 0)
		close(wanted.end);
	send_reply(server, connection, &reply, given ? given->map : -1);
	if (given && server->rules.given)
		server->rules.given(server->rules.context);
}

/* False: it is not there yet. */
static bool serve_request(struct cost_server *server, int connection)
{
	struct hakmem_costs_request request;
	/* A longer one is cut, and its true length told. */
	ssize_t length = recv(connection, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (length != sizeof(request) || request.magic != HAKMEM_COSTS_MAGIC)
		server->counts.garbled++;
	else
		answer(server, connection, &request);
	return true;
}

static void forget_client(struct cost_server *server, size_t client)
{
	close(server->waiting[client].connection);
	server->waiting_count--;
	memmove(server->waiting + client, server->waiting + client + 1,
	    (server->waiting_count - client) * sizeof(*server->waiting));
}

/* The oldest, which come first. */
static void forget_late(struct cost_server *server, size_t room)
{
	uint64_t now = now_ns();

	while (server->waiting_count &&
	       (server->waiting_count + room > COST_WAITING || now - server->waiting[0].since_ns > LATE_NS)) {
		server->counts.late++;
		forget_client(server, 0);
	}
}

static void wait_for(struct cost_server *server, int connection)
{
	forget_late(server, 1);
	if (watch(server, CONNECTION, connection)) {
		server->counts.failed++;
		close(connection);
		return;
	}
	server->waiting[server->waiting_count++] = (struct cost_client){connection, now_ns()};
}

/* Those that have connected, some at a time: the rest is told again. */
static void accept_clients(struct cost_server *server)
{
	for (int i = 0; i < COST_WAITING; i++) {
		int connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (connection >= 0) {
			if (serve_request(server, connection))
				close(connection);
			else
				wait_for(server, connection);
			continue;
		}
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		/* Without descriptors to be had, the loop would find a client at once for ever. */
		if (errno != EAGAIN) {
			server->counts.failed++;
			epoll_ctl(server->poll, EPOLL_CTL_DEL, server->listener, NULL);
			server->deaf = true;
		}
		return;
	}
}

static void serve_waiting(struct cost_server *server, int connection)
{
	for (size_t i = 0; i < server->waiting_count; i++)
		if (server->waiting[i].connection == connection && serve_request(server, connection)) {
			forget_client(server, i);
			return;
		}
}

static void process_ended(struct cost_server *server, int end)
{
	for (size_t i = 0; i < server->tables->count; i++)
		if (server->tables->tables[i].end == end) {
			drop(server, &server->tables->tables[i]);
			break;
		}
	/* There are descriptors again. */
	if (server->deaf)
		server->deaf = watch(server, LISTENER, server->listener);
}

void cost_server_serve(struct cost_server *server)
{
	struct epoll_event events[EVENTS_MOST];
	int count = epoll_wait(server->poll, events, EVENTS_MOST, 0);

	/* A descriptor that an event before has closed, and another opened again, is looked for in vain, or has nothing
	 * to say. */
	for (int i = 0; i < count; i++) {
		int descriptor = (uint32_t)events[i].data.u64;

		switch (events[i].data.u64 >> 32) {
		case LISTENER:
			accept_clients(server);
			break;
		case CONNECTION:
			serve_waiting(server, descriptor);
			break;
		case PROCESS:
			process_ended(server, descriptor);
			break;
		}
	}
	forget_late(server, 0);
}

void cost_server_close(struct cost_server *server)
{
	if (server->poll < 0)
		return;
	while (server->waiting_count)
		forget_client(server, 0);
	close(server->listener);
	close(server->poll);
	server->poll = server->listener = -1;
}
