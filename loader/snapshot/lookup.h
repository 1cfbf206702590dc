/* SPDX-License-Identifier: MIT */
/* From hashes to the numbers of entries that somebody else keeps in an array. Entries are never taken out. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOKUP_NONE UINT32_MAX

struct lookup {
	struct lookup_slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t used;
};

/* The entry of that hash for which same() is true; LOOKUP_NONE: there is none. */
uint32_t lookup_find(const struct lookup *lookup, uint32_t hash,
    bool (*same)(const void *context, uint32_t entry, const void *key), const void *context, const void *key);

/* Enter one that is not there. 0, or -1 when out of memory. */
int lookup_add(struct lookup *lookup, uint32_t hash, uint32_t entry);

void lookup_free(struct lookup *lookup);

/* Of bytes, going on from the hash of what came before (LOOKUP_START: nothing). */
#define LOOKUP_START 0x811c9dc5u
uint32_t lookup_hash(uint32_t before, const void *bytes, size_t count);

#endif
