/* SPDX-License-Identifier: MIT */
/*
 * What `hakmem-trace assist` does: counts what ranges cost for whoever asks for it at a socket, attached once for the
 * whole machine. The parts are cost_server.h, cost_tables.h, range_counter.h and range_timing.h.
 */
#ifndef ASSIST_H
#define ASSIST_H

#include <stdbool.h>
#include <stddef.h>

#include "assist/assist_socket.h"
#include "assist/cost_server.h"
#include "assist/range_counter.h"
#include "assist/range_timing.h"

#define ASSIST_ERROR (REFUSAL_TEXT > ASSIST_SOCKET_ERROR ? REFUSAL_TEXT : ASSIST_SOCKET_ERROR)

struct assist_options {
	const char *path;
	size_t clients;
	double max_overhead;
	bool verbose;
};

/* All zero but the descriptors that are -1: closed. */
struct assist {
	struct range_counter counter;
	struct range_price price;
	struct range_timing timing;
	struct cost_tables tables;
	struct cost_server server;
};

/* Loads, checks that the counts are right, attaches, and listens. 0, or -1 with a line in error. */
int assist_open(struct assist *assist, const struct assist_options *options, char error[ASSIST_ERROR]);

/* Waits for what comes next, on `other` too, and deals with it. 1: `other` is ready. -1 with errno: it can't go on. */
int assist_serve(struct assist *assist, int other);

void assist_close(struct assist *assist);

#endif
