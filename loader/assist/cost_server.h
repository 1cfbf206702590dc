/* SPDX-License-Identifier: MIT */
/*
 * Answers processes that ask for a table of costs at a Unix socket (include/hakmem_map.h, "the way back"). Who asks is
 * told by the kernel, never by the message. Nothing here waits for a client: a request that is late is waited for
 * beside everything else, and those who say nothing make way for those who come. Served from the caller's loop, which
 * polls one descriptor.
 */
#ifndef COST_SERVER_H
#define COST_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "trace/cost_tables.h"

#define COST_WAITING 16

/* Whose the tables are. */
struct cost_rules {
	/* Whether the process that asks may have one: 0 with its key filled in, or a value of errno. */
	int (*admit)(void *context, struct cost_table *wanted, const struct hakmem_costs_request *request);
	/* It has its answer, or nothing of what it was admitted to any more (map -1: nor ever had). NULL: that does not
	 * matter. */
	void (*given)(void *context);
	void (*left)(void *context, const struct cost_table *table);
	void *context;
	size_t most_each; /* tables of one user's processes, but for root's */
};

struct cost_counts {
	uint64_t given;
	uint64_t refused; /* by the rules, or for another version */
	uint64_t full;    /* no room, or not for that user */
	uint64_t failed;  /* the kernel gave no memory or descriptor, or the client did not take it */
	uint64_t garbled; /* no request */
	uint64_t late;    /* connected, and said nothing in time */
};

struct cost_client {
	int connection;
	uint64_t since_ns;
};

struct cost_server {
	int poll; /* an epoll descriptor of all that follows; -1: it is closed */
	int listener;
	bool deaf; /* until there are descriptors to be had again */
	struct cost_rules rules;
	struct cost_tables *tables; /* not ours */
	struct cost_client waiting[COST_WAITING];
	size_t waiting_count;
	struct cost_counts counts;
};

/* The listener is not blocking, and taken over unless this fails. 0, or -1 with errno. */
int cost_server_open(
    struct cost_server *server, int listener, struct cost_tables *tables, const struct cost_rules *rules);

/* Does what can be done without waiting. */
void cost_server_serve(struct cost_server *server);

/* The tables stay. */
void cost_server_close(struct cost_server *server);

#endif
