// SPDX-License-Identifier: MIT
/*
 * Server-sent events: a slice each, as they come. A client that is not ready for the next one keeps nobody waiting: its
 * own event waits in its connection, and when it is done, what is newest by then comes next.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/server_state.h"
#include "live/slice_json.h"
#include "output/json_value.h"
#include "output/output.h"

#define BLOCK       4096
#define BEHIND_MOST 10 /* slices; who is farther behind goes on with the newest */
#define EVENT_SPACE 128

struct stream {
	struct server *server;
	struct MHD_Connection *connection;
	struct stream *next;
	bool full;            /* with the snapshot of each slice */
	bool resumed;         /* whatever came since is wanted, however much */
	bool began, told_end; /* what it was sent */
	bool suspended, beat;
	uint64_t number; /* of the slice that it had last */
	struct text *event;
	size_t sent; /* bytes of it */
};

/* The rows of a slice, as {"schema": ...}; NULL when out of memory. */
static char *rows(struct history *history, const struct history_slice *slice)
{
	struct snapshot *snapshot = history_part(history, slice, 1);
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = snapshot ? open_memstream(&bytes, &size) : NULL;
	bool failed = !file || output_json(snapshot, &(struct output_options){}, file);

	failed |= file && fclose(file);
	snapshot_free(snapshot);
	if (failed) {
		free(bytes);
		return NULL;
	}
	bytes[strcspn(bytes, "\n")] = '\0';
	return bytes;
}

/* Of what slice_json() says, with the server's run and state, and perhaps rows. NULL with errno. */
static struct text *write_event(struct stream *stream, const struct history_slice *slice, bool ended)
{
	struct server *server = stream->server;
	json_t *object = slice_json(slice);
	char *data, *all = stream->full ? rows(server->options.history, slice) : NULL, *bytes = NULL;
	size_t size = 0;
	FILE *file;

	json_value_put(&object, "run", json_string(server->run));
	json_value_put(&object, "ended", json_boolean(ended));
	data = object ? json_dumps(object, JSON_COMPACT) : NULL;
	json_decref(object);
	file = data && (all || !stream->full) ? open_memstream(&bytes, &size) : NULL;
	if (file) {
		fprintf(file, "id: %" PRIu64 "\nevent: slice\ndata: %.*s", slice->number, (int)strlen(data) - 1, data);
		fprintf(file, "%s%s}\n\n", all ? ",\"snapshot\":" : "", all ? all : "");
		if (fclose(file)) {
			free(bytes);
			bytes = NULL;
		}
	}
	free(data);
	free(all);
	return text_new(&server->room, bytes, size);
}

/* The same for all streams that want it. */
static struct text *slice_event(struct stream *stream, const struct history_slice *slice, bool ended)
{
	struct shared_event *shared = &stream->server->events[stream->full];

	if (!shared->text || shared->first != slice->first || shared->number != slice->number ||
	    shared->ended != ended) {
		text_drop(shared->text);
		*shared = (struct shared_event){slice->first, slice->number, ended, write_event(stream, slice, ended)};
	}
	return shared->text ? text_refer(shared->text) : NULL;
}

static struct text *short_event(struct stream *stream, const char *words)
{
	char *bytes = strdup(words);

	return text_new(&stream->server->room, bytes, strlen(words));
}

static struct text *end_event(struct stream *stream)
{
	char words[EVENT_SPACE];

	snprintf(words, sizeof(words), "event: end\ndata: {\"run\":\"%s\",\"ended\":true}\n\n", stream->server->run);
	return short_event(stream, words);
}

/* The slice that comes next; false: there is none. */
static bool next_slice(struct stream *stream, const struct history_state *now, struct history_slice *slice)
{
	if (now->number <= stream->number)
		stream->resumed = false;
	if (!stream->resumed && now->number > stream->number + BEHIND_MOST)
		stream->number = now->number - 1;
	return history_slices(stream->server->options.history, stream->number, slice, 1) == 1;
}

/* What is to be sent next becomes its event. False: nothing. */
static bool next_event(struct stream *stream)
{
	struct history_state now = history_state(stream->server->options.history);
	struct history_slice slice;
	bool last;

	text_drop(stream->event);
	stream->event = NULL;
	stream->sent = 0;
	if (!stream->began) {
		stream->began = true;
		stream->event = short_event(stream, "retry: 2000\n\n");
	} else if (next_slice(stream, &now, &slice)) {
		last = now.ended && slice.number == now.number;
		stream->event = slice_event(stream, &slice, last);
		stream->number = slice.number;
		history_release(&slice, 1);
	} else if (now.ended && !stream->told_end) {
		stream->told_end = true;
		stream->event = end_event(stream);
	} else if (stream->beat) {
		stream->event = short_event(stream, ":\n\n");
	}
	stream->beat = false;
	/* Out of memory or room, the event is left out: its number will be missing. */
	return stream->event;
}

static ssize_t read_stream(void *context, uint64_t position, char *into, size_t most)
{
	struct stream *stream = context;
	struct server *server = stream->server;
	ssize_t result = 0;

	(void)position;
	pthread_mutex_lock(&server->lock);
	if (server->stopping) {
		result = MHD_CONTENT_READER_END_OF_STREAM;
	} else if ((stream->event && stream->sent < stream->event->size) || next_event(stream)) {
		size_t left = stream->event->size - stream->sent;

		result = left < most ? left : most;
		memcpy(into, stream->event->bytes + stream->sent, result);
		stream->sent += result;
	} else {
		/* Whoever adds a slice from now on waits for the lock to wake us. */
		stream->suspended = true;
		http.MHD_suspend_connection(stream->connection);
	}
	pthread_mutex_unlock(&server->lock);
	return result;
}

static void free_stream(void *context)
{
	struct stream *stream = context, **at;

	pthread_mutex_lock(&stream->server->lock);
	for (at = &stream->server->streams; *at != stream; at = &(*at)->next)
		;
	*at = stream->next;
	pthread_mutex_unlock(&stream->server->lock);
	text_drop(stream->event);
	free(stream);
}

void server_wake_streams(struct server *server, bool beat)
{
	for (struct stream *stream = server->streams; stream; stream = stream->next) {
		stream->beat |= beat;
		if (stream->suspended) {
			stream->suspended = false;
			http.MHD_resume_connection(stream->connection);
		}
	}
}

/* Where to begin: behind what the client has had of this run, else with the newest slice. */
static int begin(struct stream *stream)
{
	const char *last = http.MHD_lookup_connection_value(stream->connection, MHD_HEADER_KIND, "Last-Event-ID");
	struct history_state now = history_state(stream->server->options.history);
	uint64_t number;

	if (server_number(stream->connection, "after", UINT64_MAX, &number))
		return -1;
	if (last && *last && strspn(last, "0123456789") == strlen(last))
		number = strtoull(last, NULL, 10);
	stream->resumed = number <= now.number;
	stream->number = stream->resumed ? number : now.number ? now.number - 1 : 0;
	return 0;
}

enum MHD_Result server_stream(struct server *server, struct MHD_Connection *connection)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	const char *full = http.MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "full");
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!stream)
		return MHD_NO;
	stream->server = server;
	stream->connection = connection;
	stream->full = full && !strcmp(full, "1");
	if (begin(stream)) {
		free(stream);
		return server_say(connection, MHD_HTTP_BAD_REQUEST, "after: a slice's number is wanted");
	}
	response = http.MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, stream, free_stream);
	if (!response) {
		free(stream);
		return MHD_NO;
	}
	pthread_mutex_lock(&server->lock);
	stream->next = server->streams;
	server->streams = stream;
	pthread_mutex_unlock(&server->lock);
	server_add_headers(response, "text/event-stream");
	result = http.MHD_queue_response(connection, MHD_HTTP_OK, response);
	http.MHD_destroy_response(response);
	return result;
}
