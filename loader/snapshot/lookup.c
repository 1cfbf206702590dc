// SPDX-License-Identifier: MIT
/* Open addressing, at most half full. See lookup.h. */
#include "snapshot/lookup.h"

#include <stdlib.h>

#define ROOM_FIRST 64

struct lookup_slot {
	uint32_t hash;
	uint32_t entry; /* LOOKUP_NONE: free */
};

uint32_t lookup_hash(uint32_t before, const void *bytes, size_t count)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < count; i++)
		before = (before ^ byte[i]) * 0x01000193;
	return before;
}

/* FNV's low bits alone are poor. */
static size_t slot_of(const struct lookup *lookup, uint32_t hash)
{
	return (hash ^ hash >> 15) & (lookup->room - 1);
}

uint32_t lookup_find(const struct lookup *lookup, uint32_t hash,
    bool (*same)(const void *context, uint32_t entry, const void *key), const void *context, const void *key)
{
	if (!lookup->room)
		return LOOKUP_NONE;
	for (size_t i = slot_of(lookup, hash); lookup->slots[i].entry != LOOKUP_NONE; i = (i + 1) & (lookup->room - 1))
		if (lookup->slots[i].hash == hash && same(context, lookup->slots[i].entry, key))
			return lookup->slots[i].entry;
	return LOOKUP_NONE;
}

static void enter(struct lookup *lookup, struct lookup_slot slot)
{
	size_t i = slot_of(lookup, slot.hash);

	while (lookup->slots[i].entry != LOOKUP_NONE)
		i = (i + 1) & (lookup->room - 1);
	lookup->slots[i] = slot;
}

static int grow(struct lookup *lookup)
{
	struct lookup larger = {.room = lookup->room ? 2 * lookup->room : ROOM_FIRST, .used = lookup->used};

	larger.slots = malloc(larger.room * sizeof(*larger.slots));
	if (!larger.slots)
		return -1;
	for (size_t i = 0; i < larger.room; i++)
		larger.slots[i].entry = LOOKUP_NONE;
	for (size_t i = 0; i < lookup->room; i++)
		if (lookup->slots[i].entry != LOOKUP_NONE)
			enter(&larger, lookup->slots[i]);
	free(lookup->slots);
	*lookup = larger;
	return 0;
}

int lookup_add(struct lookup *lookup, uint32_t hash, uint32_t entry)
{
	if (2 * (lookup->used + 1) > lookup->room && grow(lookup))
		return -1;
	enter(lookup, (struct lookup_slot){hash, entry});
	lookup->used++;
	return 0;
}

void lookup_free(struct lookup *lookup)
{
	free(lookup->slots);
	*lookup = (struct lookup){};
}
