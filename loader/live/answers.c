// SPDX-License-Identifier: MIT
/* What there is to ask for, and who may. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/bell.h"
#include "live/guard.h"
#include "live/page.h"
#include "live/server_state.h"
#include "live/slice_json.h"
#include "output/json_value.h"
#include "output/output.h"

#define SCHEMA     "hakmem-trace-live/1"
#define SPACES_NS  2000000000ULL /* so long what was seen of address spaces is good */
#define TRIM_BYTES (1 << 20)     /* an answer that takes more leaves memory to be given back */

#define HEADER(connection, name) http.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name)

void server_add_headers(struct MHD_Response *response, const char *type)
{
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	http.MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	http.MHD_add_response_header(response, "X-Frame-Options", "DENY");
	http.MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	http.MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	http.MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response)
{
	enum MHD_Result result = response ? http.MHD_queue_response(connection, status, response) : MHD_NO;

	if (response)
		http.MHD_destroy_response(response);
	return result;
}

#define NOTHING_ELSE "default-src 'none'; frame-ancestors 'none'"

enum MHD_Result server_say(struct MHD_Connection *connection, unsigned int status, const char *line)
{
	char text[512];
	size_t size = snprintf(text, sizeof(text), "%s\n", line);
	struct MHD_Response *response = http.MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_COPY);

	if (!response)
		return MHD_NO;
	server_add_headers(response, "text/plain; charset=utf-8");
	http.MHD_add_response_header(response, "Content-Security-Policy", NOTHING_ELSE);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		http.MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		http.MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (status == MHD_HTTP_UNAUTHORIZED)
		http.MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	return queue(connection, status, response);
}

enum MHD_Result server_send(struct MHD_Connection *connection, const char *type, struct text *text)
{
	struct MHD_Response *response;

	if (!text)
		return server_say(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		    errno == EBUSY ? "too much is waiting to be read by others: try again" : "out of memory");
	response =
	    http.MHD_create_response_from_buffer_with_free_callback_cls(text->size, text->bytes, text_drop, text);
	if (!response) {
		text_drop(text);
		return MHD_NO;
	}
	server_add_headers(response, type);
	http.MHD_add_response_header(response, "Content-Security-Policy", NOTHING_ELSE);
	return queue(connection, MHD_HTTP_OK, response);
}

int server_number(struct MHD_Connection *connection, const char *name, uint64_t otherwise, uint64_t *number)
{
	const char *text = http.MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);

	*number = otherwise;
	if (!text)
		return 0;
	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 19)
		return -1;
	*number = strtoull(text, NULL, 10);
	return 0;
}

/* --- Who may ask --- */

/* The token in the page's address, once: from then on the cookie has it, and no history or log the token. */
static enum MHD_Result log_in(struct server *server, struct MHD_Connection *connection)
{
	struct MHD_Response *response = http.MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	char cookie[128];

	if (!response)
		return MHD_NO;
	snprintf(cookie, sizeof(cookie), "%s=%s; HttpOnly; SameSite=Strict; Path=/", server->cookie, server->session);
	server_add_headers(response, "text/plain; charset=utf-8");
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, cookie);
	http.MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, "/");
	return queue(connection, MHD_HTTP_SEE_OTHER, response);
}

static bool lacks_token(
    struct server *server, struct MHD_Connection *connection, const char *path, enum MHD_Result *result)
{
	const char *token = server->options.token, *given;

	if (!token || guard_bearer(HEADER(connection, MHD_HTTP_HEADER_AUTHORIZATION), token) ||
	    guard_cookie(HEADER(connection, MHD_HTTP_HEADER_COOKIE), server->cookie, server->session))
		return false;
	given = http.MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token");
	if (given && !strcmp(path, "/") && guard_same(given, token))
		*result = log_in(server, connection);
	else
		*result = server_say(connection, MHD_HTTP_UNAUTHORIZED,
		    "the token is wanted: in the header \"Authorization: Bearer TOKEN\", or in a browser once as "
		    "/?token=TOKEN");
	return true;
}

bool server_refuses(struct server *server, struct MHD_Connection *connection, const char *path, enum MHD_Result *result)
{
	const struct guard_origin from = {
	    .host = HEADER(connection, MHD_HTTP_HEADER_HOST),
	    .origin = HEADER(connection, MHD_HTTP_HEADER_ORIGIN),
	    .fetch_site = HEADER(connection, "Sec-Fetch-Site"),
	    .fetch_mode = HEADER(connection, "Sec-Fetch-Mode"),
	    .fetch_destination = HEADER(connection, "Sec-Fetch-Dest"),
	    .page = !strcmp(path, "/"),
	};

	if (!guard_host(from.host, &server->options.address)) {
		*result = server_say(connection, MHD_HTTP_FORBIDDEN,
		    "this is not my name: ask for localhost, a loopback address or the address given to --listen");
		return true;
	}
	if (!guard_origin(&from)) {
		*result = server_say(connection, MHD_HTTP_FORBIDDEN, "other pages may not read this");
		return true;
	}
	return lacks_token(server, connection, path, result);
}

/* --- What there is --- */

static json_t *slices(struct history *history, uint64_t after)
{
	struct history_slice *list = malloc(HISTORY_MOST_SLICES * sizeof(*list));
	size_t count = list ? history_slices(history, after, list, HISTORY_MOST_SLICES) : 0;
	json_t *array = list ? json_array() : NULL;

	for (size_t i = 0; i < count; i++)
		json_value_append(&array, slice_json(&list[i]));
	history_release(list, count);
	free(list);
	return array;
}

static enum MHD_Result history(struct server *server, struct MHD_Connection *connection)
{
	struct history_state now = history_state(server->options.history);
	struct text *text;
	uint64_t after;
	json_t *object;

	if (server_number(connection, "after", 0, &after))
		return server_say(connection, MHD_HTTP_BAD_REQUEST, "after: a slice's number is wanted");
	object = json_pack("{s:s, s:s, s:I, s:o, s:b, s:f, s:o, s:{s:o, s:o}, s:o}", "schema", SCHEMA, "run",
	    server->run, "start", (json_int_t)server->options.began, "interval_ns", json_value_count(now.interval_ns),
	    "ended", now.ended, "max_overhead", server->options.metrics.budget, "forgotten",
	    json_value_count(now.forgotten), "memory", "history_bytes", json_value_count(now.bytes), "answer_bytes",
	    json_value_count(atomic_load(&server->room.used)), "slices", slices(server->options.history, after));
	text = text_of_json(&server->room, object);
	if (text && text->size > TRIM_BYTES)
		malloc_trim(0);
	return server_send(connection, "application/json", text);
}

static struct text *write_snapshot(struct server *server, const struct snapshot *snapshot)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);
	bool failed = !file || output_json(snapshot, &(struct output_options){}, file);
	struct text *text;

	failed |= file && fclose(file);
	if (failed) {
		free(bytes);
		errno = ENOMEM;
		return NULL;
	}
	text = text_new(&server->room, bytes, size);
	if (size > TRIM_BYTES)
		malloc_trim(0);
	return text;
}

/* Many ask for it, so it is written once. A reference; NULL with errno, ENOENT: nothing is counted yet. */
static struct text *whole_text(struct server *server)
{
	struct history_state now = history_state(server->options.history);
	struct history_slice whole;
	struct text *text;

	if (server->whole && server->whole_number == now.number && server->whole_ended == now.ended)
		return text_refer(server->whole);
	if (history_whole(server->options.history, &whole)) {
		errno = ENOENT;
		return NULL;
	}
	text_drop(server->whole);
	text = server->whole = write_snapshot(server, whole.counts);
	server->whole_number = whole.number;
	server->whole_ended = now.ended;
	history_release(&whole, 1);
	return text ? text_refer(text) : NULL;
}

static struct text *part_text(struct server *server, uint64_t from_ns, uint64_t to_ns)
{
	struct snapshot *snapshot = history_between(server->options.history, from_ns, to_ns);
	struct text *text = snapshot ? write_snapshot(server, snapshot) : NULL;
	int number = errno;

	snapshot_free(snapshot);
	errno = number;
	return text;
}

static enum MHD_Result snapshot(struct server *server, struct MHD_Connection *connection)
{
	uint64_t from_ns, to_ns;
	struct text *text;
	bool part;

	if (server_number(connection, "from_ns", 0, &from_ns) || server_number(connection, "to_ns", UNKNOWN, &to_ns) ||
	    from_ns >= to_ns)
		return server_say(connection, MHD_HTTP_BAD_REQUEST,
		    "from_ns, to_ns: nanoseconds since tracing began are wanted, from before to");
	part = from_ns || to_ns != UNKNOWN;
	text = part ? part_text(server, from_ns, to_ns) : whole_text(server);
	if (!text && errno == ENOENT)
		return server_say(connection, part ? MHD_HTTP_NOT_FOUND : MHD_HTTP_SERVICE_UNAVAILABLE,
		    part ? "no slice lies in that time" : "nothing is counted yet: the first interval is not over");
	return server_send(connection, "application/json", text);
}

/* Wait until they come; called again then. */
static enum MHD_Result wait_for_spaces(struct server *server, struct MHD_Connection *connection)
{
	struct client *client =
	    http.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

	if (!client)
		return MHD_NO;
	bell_ring(server->wants);
	client->waits = true;
	http.MHD_suspend_connection(connection);
	return MHD_YES;
}

static enum MHD_Result spaces(struct server *server, struct MHD_Connection *connection)
{
	bool ended = history_state(server->options.history).ended;
	enum MHD_Result result = MHD_NO;
	struct text *text = NULL;
	bool waits = false;

	pthread_mutex_lock(&server->lock);
	if (server->options.spaces && !ended && !server->stopping &&
	    (!server->spaces_ns || server_now() - server->spaces_ns > SPACES_NS)) {
		waits = true;
		result = wait_for_spaces(server, connection);
	} else if (server->spaces) {
		text = text_refer(server->spaces);
	}
	pthread_mutex_unlock(&server->lock);
	if (waits)
		return result;
	if (!text)
		return server_say(connection, MHD_HTTP_NOT_FOUND, "address spaces can't be seen here");
	return server_send(connection, "application/json", text);
}

/* Who does not take OpenMetrics gets what it grew from. */
static enum MHD_Result metrics(struct server *server, struct MHD_Connection *connection)
{
	struct open_metrics_options options = server->options.metrics;
	struct history_slice whole;
	char *bytes = NULL;
	size_t size = 0;
	bool failed;
	FILE *file;

	options.classic = !open_metrics_accepted(HEADER(connection, MHD_HTTP_HEADER_ACCEPT));
	options.memory = server->metrics;
	if (history_whole(server->options.history, &whole))
		return server_say(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "nothing is counted yet");
	file = open_memstream(&bytes, &size);
	failed = !file || open_metrics_write(file, whole.counts, &options);
	failed |= file && fclose(file);
	history_release(&whole, 1);
	if (failed) {
		free(bytes);
		bytes = NULL;
	}
	return server_send(
	    connection, open_metrics_content_type(options.classic), text_new(&server->room, bytes, size));
}

static const struct {
	const char *path;
	enum MHD_Result (*answer)(struct server *server, struct MHD_Connection *connection);
} routes[] = {
    {"/", page_answer},
    {"/api/history", history},
    {"/api/snapshot", snapshot},
    {"/api/stream", server_stream},
    {"/api/spaces", spaces},
    {"/metrics", metrics},
};

enum MHD_Result server_answer(struct server *server, struct MHD_Connection *connection, const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (!strcmp(path, routes[i].path))
			return routes[i].answer(server, connection);
	return server_say(connection, MHD_HTTP_NOT_FOUND,
	    "there are /, /api/history, /api/snapshot, /api/stream, /api/spaces and /metrics");
}
