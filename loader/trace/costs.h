/* SPDX-License-Identifier: MIT */
/*
 * Cost areas for processes that run on libhakmem (include/hakmem_map.h, "the way back"): an abstract Unix socket, which
 * leaves nothing behind, over which a process is handed the descriptor of the cost_areas map and its own offset there.
 * Who asks is told by the kernel (SO_PEERCRED), never by the message, and only a traced process is answered. All areas
 * are one map, so traced processes could write each other's costs; no report is made from them. Served from the
 * caller's poll loop.
 */
#ifndef COSTS_H
#define COSTS_H

#include "trace/tracer.h"

struct costs {
	struct tracer *tracer;
	int listener;  /* poll for reading, then costs_serve(); -1 when there is none */
	char name[64]; /* of the socket, without the leading null byte */
	pid_t owner[16];
};

/* 0, or -1 with errno; the report does not depend on it. */
int costs_open(struct costs *costs, struct tracer *tracer);

/* Answer one waiting client; waits for its request at most PATIENCE_MS, and not at all for one that isn't traced. */
void costs_serve(struct costs *costs);

void costs_close(struct costs *costs);

#endif
