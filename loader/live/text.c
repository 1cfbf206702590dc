// SPDX-License-Identifier: MIT
/* See text.h. */
#include "live/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct text *text_new(struct text_room *room, char *bytes, size_t size)
{
	struct text *text = bytes ? malloc(sizeof(*text)) : NULL;
	size_t before;

	if (!text) {
		free(bytes);
		errno = ENOMEM;
		return NULL;
	}
	before = atomic_fetch_add(&room->used, size);
	if (before && before + size > room->most) {
		atomic_fetch_sub(&room->used, size);
		free(bytes);
		free(text);
		errno = EBUSY;
		return NULL;
	}
	*text = (struct text){.references = 1, .room = room, .size = size, .bytes = bytes};
	return text;
}

struct text *text_of_json(struct text_room *room, json_t *object)
{
	char *bytes = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text_new(room, bytes, bytes ? strlen(bytes) : 0);
}

struct text *text_refer(struct text *text)
{
	atomic_fetch_add(&text->references, 1);
	return text;
}

void text_drop(void *dropped)
{
	struct text *text = dropped;

	if (!text || atomic_fetch_sub(&text->references, 1) != 1)
		return;
	atomic_fetch_sub(&text->room->used, text->size);
	free(text->bytes);
	free(text);
}
