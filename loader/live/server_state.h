/* SPDX-License-Identifier: MIT */
/* Within the web server (server.h): its state, and what its parts have to do with each other. */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include <pthread.h>
#include <stdint.h>

#include "live/microhttpd.h"
#include "live/server.h"
#include "live/text.h"

#define SERVER_CLIENTS 128 /* connections at a time */
#define RANDOM_NAME    33  /* 128 bits in hexadecimal digits */

enum client_does {
	CLIENT_ASKS,   /* we wait for its request */
	CLIENT_READS,  /* it gets an answer */
	CLIENT_STREAMS /* for as long as it likes, if it reads */
};

struct client {
	struct server *server;
	struct MHD_Connection *connection; /* NULL: free */
	int socket;
	enum client_does does;
	uint64_t since_ns;
	bool waits; /* suspended, for address spaces */
};

/* What a slice is to streams: made once, for all of them. */
struct shared_event {
	uint64_t first, number; /* of the slice */
	bool ended;
	struct text *text; /* NULL: there is none */
};

struct server {
	struct server_options options;
	struct MHD_Daemon *daemon;
	char run[RANDOM_NAME];     /* which run of the server this is */
	char session[RANDOM_NAME]; /* the cookie of who has logged in */
	char cookie[32];           /* its name */
	struct text_room room;
	struct open_metrics_memory *metrics; /* what they were */
	pthread_t keeper;                    /* wakes clients, and looks after those that take too long */
	int wake;                            /* a bell: the keeper's */
	int wants;                           /* a bell: address spaces are asked for */

	/* The answering thread's alone. */
	struct text *whole; /* the newest snapshot as JSON, NULL: nobody has asked */
	uint64_t whole_number;
	bool whole_ended;

	pthread_mutex_t lock; /* of all that follows; the tracing thread never takes it but to put address spaces */
	bool stopping;
	struct client clients[SERVER_CLIENTS];
	struct stream *streams;
	struct shared_event events[2]; /* the newest that was made: without rows, with */
	struct text *spaces;           /* NULL: there are none */
	uint64_t spaces_ns;            /* when they were put; 0: never */
};

uint64_t server_now(void);

/* Of the request: what the client's Host, Origin, token say. MHD_NO with *result: it was refused, with this result. */
bool server_refuses(
    struct server *server, struct MHD_Connection *connection, const char *path, enum MHD_Result *result);

/* Answers; each gives what http.MHD_queue_response() gave. */
enum MHD_Result server_answer(struct server *server, struct MHD_Connection *connection, const char *path);
enum MHD_Result server_say(struct MHD_Connection *connection, unsigned int status, const char *line);
enum MHD_Result server_send(struct MHD_Connection *connection, const char *type, struct text *text); /* NULL: errno */
void server_add_headers(struct MHD_Response *response, const char *type);

/* A number from a query's argument; `otherwise` when it has none. -1: it is none. */
int server_number(struct MHD_Connection *connection, const char *name, uint64_t otherwise, uint64_t *number);

/* streams.c */
enum MHD_Result server_stream(struct server *server, struct MHD_Connection *connection);
void server_wake_streams(struct server *server, bool beat); /* locked by the caller */

#endif
