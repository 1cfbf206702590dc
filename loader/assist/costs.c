// SPDX-License-Identifier: MIT
/* The socket, and who is admitted. */
#include "assist/costs.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "assist/deciders.h"

#define WAITING_CLIENTS 16

/* It waits for its answer: this is the program that asks. */
static void read_name(struct cost_table *table)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", table->process);
	file = fopen(path, "re");
	if (!file || !fgets(table->comm, sizeof(table->comm), file))
		table->comm[0] = '\0';
	if (file)
		fclose(file);
	table->comm[strcspn(table->comm, "\n")] = '\0';
}

static int admit(void *context, struct cost_table *wanted, const struct hakmem_costs_request *request)
{
	struct costs *costs = context;

	(void)request; /* where the map lies, the process has told the kernel */
	wanted->key = tracer_follows(costs->tracer, wanted->process);
	if (!wanted->key)
		return EPERM;
	read_name(wanted);
	return 0;
}

/* Of what is short of memory nothing is kept: `more` says that there was something. */
static void left(void *context, const struct cost_table *table)
{
	struct costs *costs = context;

	if (table->map >= 0 && deciders_look(&costs->ended, table, false))
		costs->ended.more++;
}

static int listen_here(struct costs *costs)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(costs->name);

	memcpy(address.sun_path + 1, costs->name, strlen(costs->name));
	if (listener >= 0 &&
	    (bind(listener, (struct sockaddr *)&address, length) || listen(listener, WAITING_CLIENTS))) {
		close(listener);
		return -1;
	}
	return listener;
}

int costs_open(struct costs *costs, struct tracer *tracer)
{
	const struct cost_rules rules = {.admit = admit, .left = left, .context = costs, .most_each = COST_TABLES};
	unsigned long random = 0;
	int listener;

	*costs = (struct costs){.tracer = tracer, .server.poll = -1, .descriptor = -1};
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(costs->name, sizeof(costs->name), "hakmem-trace-%d-%lx", getpid(), random);
	listener = listen_here(costs);
	if (listener < 0)
		return -1;
	if (cost_tables_open(&costs->tables, -1, COST_TABLES) ||
	    cost_server_open(&costs->server, listener, &costs->tables, &rules)) {
		close(listener);
		cost_tables_close(&costs->tables);
		return -1;
	}
	costs->descriptor = costs->server.poll;
	return 0;
}

void costs_serve(struct costs *costs)
{
	/* There was no map of maps yet when the socket was opened. */
	if (costs->tracer->skeleton) {
		costs->tables.outer = bpf_map__fd(costs->tracer->skeleton->maps.cost_tables);
		costs->tracer->cost_tables = &costs->tables;
		costs->tracer->ended_deciders = &costs->ended;
	}
	cost_server_serve(&costs->server);
}

void costs_close(struct costs *costs)
{
	if (costs->descriptor < 0)
		return;
	cost_server_close(&costs->server);
	cost_tables_close(&costs->tables);
	costs->tracer->cost_tables = NULL;
	costs->tracer->ended_deciders = NULL;
	deciders_free(&costs->ended);
	costs->descriptor = -1;
}
