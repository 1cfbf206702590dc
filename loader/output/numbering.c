// SPDX-License-Identifier: MIT
#include "output/numbering.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"

static bool same(const void *context, uint32_t entry, const void *key)
{
	const struct numbered *one = &((const struct numbering *)context)->things[entry], *other = key;

	return one->size == other->size && !memcmp(one->bytes, other->bytes, one->size);
}

static uint32_t add(struct numbering *numbering, uint32_t hash, const struct numbered *thing)
{
	char *copy = room_for_one(&numbering->things, &numbering->room, numbering->count, sizeof(*numbering->things))
	                 ? NULL
	                 : malloc(thing->size + 1);

	if (!copy || lookup_add(&numbering->lookup, hash, numbering->count)) {
		free(copy);
		numbering->failed = true;
		return 0;
	}
	memcpy(copy, thing->bytes, thing->size);
	copy[thing->size] = '\0';
	numbering->things[numbering->count] = (struct numbered){copy, thing->size};
	return numbering->count++;
}

uint32_t numbering_of(struct numbering *numbering, const void *bytes, size_t size)
{
	const struct numbered thing = {(void *)bytes, size};
	uint32_t hash = lookup_hash(LOOKUP_START, bytes, size);
	uint32_t entry = lookup_find(&numbering->lookup, hash, same, numbering, &thing);

	return entry != LOOKUP_NONE ? entry : add(numbering, hash, &thing);
}

uint32_t numbering_of_text(struct numbering *numbering, const char *text)
{
	return numbering_of(numbering, text, strlen(text));
}

const char *numbering_text(const struct numbering *numbering, uint32_t number)
{
	return numbering->things[number].bytes;
}

void numbering_free(struct numbering *numbering)
{
	for (size_t i = 0; i < numbering->count; i++)
		free(numbering->things[i].bytes);
	free(numbering->things);
	lookup_free(&numbering->lookup);
	*numbering = (struct numbering){};
}
