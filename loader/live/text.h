/* SPDX-License-Identifier: MIT */
/*
 * What the web server sends: bytes that several clients may be reading at once, each at its own pace. How much of them
 * there is at a time is bounded. Thread-safe.
 */
#ifndef LIVE_TEXT_H
#define LIVE_TEXT_H

#include <jansson.h>
#include <stdatomic.h>
#include <stddef.h>

/* How much memory all texts of a server may take; a single one is always allowed. */
struct text_room {
	size_t most;
	atomic_size_t used;
};

struct text {
	atomic_uint references;
	struct text_room *room;
	size_t size;
	char *bytes; /* a 0 behind them */
};

/* Takes the bytes, which are malloc's, also when it fails. NULL with errno: ENOMEM, or EBUSY when there is no room. */
struct text *text_new(struct text_room *room, char *bytes, size_t size);

/* The same of JSON; takes the object. */
struct text *text_of_json(struct text_room *room, json_t *object);

struct text *text_refer(struct text *text);
void text_drop(void *text); /* NULL: nothing; void: so that it can be called back */

#endif
