/* SPDX-License-Identifier: MIT */
/*
 * Costs for processes of a traced command that run on libhakmem: over an abstract Unix socket, which leaves nothing
 * behind, each traced process is handed a table of its own (cost_server.h), and nobody else is answered. Served from
 * the caller's poll loop.
 */
#ifndef COSTS_H
#define COSTS_H

#include "snapshot/decisions.h"
#include "assist/cost_server.h"
#include "trace/tracer.h"

struct costs {
	struct tracer *tracer;
	struct cost_tables tables;
	struct cost_server server;
	struct deciders ended; /* processes that had a table */
	int descriptor;        /* poll for reading, then costs_serve(); -1 when there is none */
	char name[64];         /* of the socket, without the leading null byte */
};

/* Before the tracer is started, and served only once it is. 0, or -1 with errno; the report does not depend on it. */
int costs_open(struct costs *costs, struct tracer *tracer);

/* Does what there is to do, and waits for nothing. */
void costs_serve(struct costs *costs);

void costs_close(struct costs *costs);

#endif
