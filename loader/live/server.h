/* SPDX-License-Identifier: MIT */
/*
 * hakmem-trace serve's web server (docs/live.md): a page, and what it shows as JSON, of a history. It has threads of
 * its own and is slow for nobody: who traces adds to the history and says so, which waits for no client. Clients,
 * their requests' size and time, and the memory of all answers together are bounded.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <time.h>

#include "live/history.h"
#include "live/listen.h"
#include "output/open_metrics.h"

struct server;

struct server_options {
	struct listen_address address;
	int socket;        /* listening; stays the caller's */
	const char *token; /* NULL: none is asked for */
	struct history *history;
	time_t began;
	bool spaces;                         /* there are address spaces */
	struct open_metrics_options metrics; /* but for their memory */
};

/* Threads that take no signals. NULL with a line in `error`. */
#define SERVER_ERROR 256
struct server *server_start(const struct server_options *options, char error[SERVER_ERROR]);
void server_stop(struct server *server);

/* The history has changed. Never waits. */
void server_notify(struct server *server);

/*
 * Where there are address spaces, GET /api/spaces is answered with what was put last, if it is not older than two
 * seconds; else the descriptor becomes ready for reading, whoever can see address spaces puts a new text (malloc's, the
 * server's from now on; NULL: they can't be had), and the request waits for it. server_wants_spaces() makes the
 * descriptor unready.
 */
int server_descriptor(const struct server *server);
bool server_wants_spaces(struct server *server);
void server_put_spaces(struct server *server, char *json);

#endif
