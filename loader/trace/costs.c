// SPDX-License-Identifier: MIT
/* Hands out cost areas. */
#include "trace/costs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"

#define PATIENCE_MS 5

_Static_assert(sizeof(((struct costs *)0)->owner) == COST_AREAS * sizeof(pid_t), "an owner for each area");

int costs_open(struct costs *costs, struct tracer *tracer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	unsigned long random = 0;
	socklen_t length;

	*costs = (struct costs){.tracer = tracer, .listener = -1};
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(costs->name, sizeof(costs->name), "hakmem-trace-%d-%lx", getpid(), random);
	memcpy(address.sun_path + 1, costs->name, strlen(costs->name));
	length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(costs->name);
	costs->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (costs->listener < 0)
		return -1;
	if (bind(costs->listener, (struct sockaddr *)&address, length) || listen(costs->listener, 16)) {
		costs_close(costs);
		return -1;
	}
	return 0;
}

/* The process's own area after an exec, a free one, or one whose owner is gone. -1: all are in use. */
static int choose_area(struct costs *costs, pid_t pid)
{
	int free_area = -1;

	for (int i = 0; i < COST_AREAS; i++) {
		if (costs->owner[i] == pid)
			return i;
		if (!costs->owner[i] || (kill(costs->owner[i], 0) && errno == ESRCH))
			free_area = i;
	}
	return free_area;
}

static int give_area(struct costs *costs, pid_t pid, struct hakmem_costs_reply *reply)
{
	static struct cost_area empty;
	struct trace *skeleton = costs->tracer->skeleton;
	int owners = bpf_map__fd(skeleton->maps.cost_owners);
	__u32 key = pid, gone, index;
	int area = choose_area(costs, pid);

	if (area < 0)
		return ENOSPC;
	gone = costs->owner[area];
	if (gone && gone != key)
		bpf_map_delete_elem(owners, &gone);
	index = area;
	empty.costs.magic = HAKMEM_COSTS_MAGIC;
	empty.costs.version = HAKMEM_MAP_VERSION;
	empty.costs.process = pid;
	if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.cost_areas), &index, &empty, BPF_ANY) ||
	    bpf_map_update_elem(owners, &key, &index, BPF_ANY))
		return errno;
	costs->owner[area] = pid;
	reply->offset = (uint64_t)area * COST_AREA_SIZE;
	reply->size = COST_AREA_SIZE;
	return 0;
}

static void send_reply(int client, const struct hakmem_costs_reply *reply, int descriptor)
{
	struct iovec part = {.iov_base = (void *)reply, .iov_len = sizeof(*reply)};
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (!reply->status) {
		struct cmsghdr *header;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	}
	sendmsg(client, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void serve_client(struct costs *costs, int client)
{
	struct hakmem_costs_reply reply = {.magic = HAKMEM_COSTS_MAGIC, .version = HAKMEM_MAP_VERSION};
	struct pollfd ready = {.fd = client, .events = POLLIN};
	struct hakmem_costs_request request;
	struct ucred peer = {};
	socklen_t length = sizeof(peer);

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &length) || peer.pid <= 0 ||
	    !tracer_follows(costs->tracer, peer.pid) || poll(&ready, 1, PATIENCE_MS) != 1)
		return;
	if (recv(client, &request, sizeof(request), MSG_DONTWAIT) != sizeof(request) ||
	    request.magic != HAKMEM_COSTS_MAGIC)
		return;
	reply.status = request.version == HAKMEM_MAP_VERSION ? give_area(costs, peer.pid, &reply) : EPROTO;
	send_reply(client, &reply, bpf_map__fd(costs->tracer->skeleton->maps.cost_areas));
}

void costs_serve(struct costs *costs)
{
	int client = accept4(costs->listener, NULL, NULL, SOCK_CLOEXEC);

	if (client >= 0) {
		serve_client(costs, client);
		close(client);
	} else if (errno == EMFILE || errno == ENFILE) {
		costs_close(costs); /* or poll would return at once for ever */
	}
}

void costs_close(struct costs *costs)
{
	if (costs->listener >= 0)
		close(costs->listener);
	costs->listener = -1;
}
