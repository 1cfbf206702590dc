// SPDX-License-Identifier: MIT
/*
 * One thread answers (libmicrohttpd, epoll), another, the keeper, wakes who waits for news and closes connections that
 * take too long. See server.h.
 */
#include "live/server.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "live/bell.h"
#include "live/server_state.h"

#define SECOND          1000000000ULL
#define LOOK_MS         5000
#define BEAT_LOOKS      3              /* a heartbeat each 15 s */
#define SILENCE_SECONDS 30u            /* that a client may keep us waiting, reading or writing */
#define ASK_NS          (40 * SECOND)  /* for a request to be complete */
#define READ_NS         (120 * SECOND) /* for an answer to be taken */
#define LARGE_BYTES     (256 << 10)
#define REQUEST_BYTES   ((size_t)16 << 10) /* and a connection's memory */
#define ANSWERS_BYTES   ((size_t)8 << 20)  /* that wait to be taken, all together */

uint64_t server_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static int make_random(char name[RANDOM_NAME])
{
	unsigned char bytes[(RANDOM_NAME - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* --- Connections --- */

static struct client *free_client(struct server *server)
{
	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		if (!server->clients[i].connection)
			return &server->clients[i];
	return NULL;
}

static void connected(
    void *context, struct MHD_Connection *connection, void **kept, enum MHD_ConnectionNotificationCode code)
{
	struct server *server = context;
	struct client *client = *kept;

	pthread_mutex_lock(&server->lock);
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		client = free_client(server);
		if (client)
			*client = (struct client){
			    .server = server,
			    .connection = connection,
			    .socket =
			        http.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
			    .does = CLIENT_ASKS,
			    .since_ns = server_now(),
			};
		*kept = client;
	} else if (client) {
		client->connection = NULL;
	}
	pthread_mutex_unlock(&server->lock);
}

static void set_client(struct server *server, struct MHD_Connection *connection, enum client_does does)
{
	const union MHD_ConnectionInfo *information =
	    http.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct client *client = information ? information->socket_context : NULL;

	if (!client)
		return;
	pthread_mutex_lock(&server->lock);
	client->does = does;
	client->since_ns = server_now();
	pthread_mutex_unlock(&server->lock);
}

static void answered(
    void *context, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode code)
{
	(void)kept;
	(void)code;
	set_client(context, connection, CLIENT_ASKS);
}

static bool has_body(struct MHD_Connection *connection)
{
	const char *length =
	    http.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && strcmp(length, "0") != 0) ||
	       http.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* Called when the headers are there, and once more for the answer. An answer to the first call ends the connection. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *body, size_t *body_size, void **kept)
{
	static char seen;
	struct server *server = context;
	enum MHD_Result result;

	(void)version;
	(void)body;
	(void)body_size;
	if (!*kept) {
		*kept = &seen;
		if (has_body(connection))
			return server_say(connection, MHD_HTTP_CONTENT_TOO_LARGE, "requests have no body here");
		if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
			return server_say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "there is only GET here");
		return MHD_YES;
	}
	set_client(server, connection, !strcmp(path, "/api/stream") ? CLIENT_STREAMS : CLIENT_READS);
	if (server_refuses(server, connection, path, &result))
		return result;
	return server_answer(server, connection, path);
}

/* --- The keeper --- */

/* Whoever asks letter by letter, or reads byte by byte. */
static void close_slow(struct server *server)
{
	uint64_t now = server_now();

	for (size_t i = 0; i < SERVER_CLIENTS; i++) {
		struct client *client = &server->clients[i];
		uint64_t most = client->does == CLIENT_ASKS ? ASK_NS : READ_NS;

		if (client->connection && !client->waits && client->does != CLIENT_STREAMS &&
		    now - client->since_ns > most)
			shutdown(client->socket, SHUT_RDWR);
	}
}

static void wake_waiting(struct server *server)
{
	for (size_t i = 0; i < SERVER_CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->connection && client->waits) {
			client->waits = false;
			http.MHD_resume_connection(client->connection);
		}
	}
}

static void *keep(void *context)
{
	struct server *server = context;
	struct pollfd ready = {.fd = server->wake, .events = POLLIN};
	unsigned int looks = 0;
	bool stopping;

	do {
		bool news = poll(&ready, 1, LOOK_MS) > 0 && bell_rang(server->wake);

		pthread_mutex_lock(&server->lock);
		stopping = server->stopping;
		looks += !news;
		server_wake_streams(server, !news && looks % BEAT_LOOKS == 0);
		wake_waiting(server);
		close_slow(server);
		pthread_mutex_unlock(&server->lock);
	} while (!stopping);
	return NULL;
}

/* --- Life --- */

static void silent(void *context, const char *format, va_list arguments)
{
	(void)context;
	(void)format;
	(void)arguments;
}

static struct MHD_Daemon *start_daemon(struct server *server)
{
	return http.MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
	                                 (server->options.address.address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0),
	    server->options.address.port, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, silent, NULL,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)server->options.socket, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned int)SERVER_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_BYTES, MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)1024,
	    MHD_OPTION_NOTIFY_CONNECTION, connected, server, MHD_OPTION_NOTIFY_COMPLETED, answered, server,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

static void free_server(struct server *server)
{
	text_drop(server->whole);
	text_drop(server->spaces);
	text_drop(server->events[false].text);
	text_drop(server->events[true].text);
	open_metrics_memory_free(server->metrics);
	if (server->wake >= 0)
		close(server->wake);
	if (server->wants >= 0)
		close(server->wants);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

/* Both threads. Signals are the tracing thread's. */
static int start_threads(struct server *server)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	failed = pthread_create(&server->keeper, NULL, keep, server);
	if (!failed)
		server->daemon = start_daemon(server);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed && !server->daemon) {
		failed = errno ? errno : EINVAL;
		pthread_mutex_lock(&server->lock);
		server->stopping = true;
		pthread_mutex_unlock(&server->lock);
		bell_ring(server->wake);
		pthread_join(server->keeper, NULL);
	}
	errno = failed;
	return failed ? -1 : 0;
}

struct server *server_start(const struct server_options *options, char error[SERVER_ERROR])
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server) {
		snprintf(error, SERVER_ERROR, "out of memory");
		return NULL;
	}
	if (http_load(error)) {
		free(server);
		return NULL;
	}
	server->options = *options;
	server->room.most = ANSWERS_BYTES;
	pthread_mutex_init(&server->lock, NULL);
	server->wake = bell_new();
	server->metrics = open_metrics_memory_new();
	server->wants = bell_new();
	snprintf(server->cookie, sizeof(server->cookie), "hakmem-%u", options->address.port);
	/* Memory that one thread has given back is there for the next, and large answers' is the system's again. */
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	if (server->wake < 0 || server->wants < 0 || !server->metrics || make_random(server->run) ||
	    make_random(server->session) || start_threads(server)) {
		snprintf(error, SERVER_ERROR, "%s", strerror(errno));
		free_server(server);
		return NULL;
	}
	return server;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_mutex_unlock(&server->lock);
	bell_ring(server->wake);
	pthread_join(server->keeper, NULL);
	http.MHD_stop_daemon(server->daemon);
	free_server(server);
}

void server_notify(struct server *server)
{
	bell_ring(server->wake);
}

/* --- Address spaces --- */

int server_descriptor(const struct server *server)
{
	return server->wants;
}

bool server_wants_spaces(struct server *server)
{
	return bell_rang(server->wants);
}

void server_put_spaces(struct server *server, char *json)
{
	struct text *text = json ? text_new(&server->room, json, strlen(json)) : NULL, *before;

	pthread_mutex_lock(&server->lock);
	before = server->spaces;
	server->spaces = text;
	server->spaces_ns = server_now();
	pthread_mutex_unlock(&server->lock);
	text_drop(before);
	bell_ring(server->wake);
}
