/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Where a range lies in the table that libhakmem publishes (include/hakmem_map.h). Everything there is the process's to
 * write: reads are bounded, and a lie changes its own rows only.
 */
#ifndef HAKMEM_BPF_PUBLISHED_H
#define HAKMEM_BPF_PUBLISHED_H

#include "common.h"

/*
 * The entry that has this address, by the number of its costs: below HAKMEM_MAP_SLOTS a slot, whose tag is told, else a
 * granule; NO_SLOT: nobody has published it.
 */
static __always_inline __u32 published_find(struct hakmem_map *map, __u64 address, __u64 *tag)
{
	__u64 chunk = address >> HAKMEM_CHUNK_SHIFT, granule = address >> HAKMEM_GRANULE_SHIFT;

	for (int i = 0; i < HAKMEM_MAP_PROBES; i++) {
		__u32 slot = (chunk + i) & (HAKMEM_MAP_SLOTS - 1);

		*tag = 0;
		if (bpf_probe_read_user(tag, sizeof(*tag), &map->slots[slot].tag) || !*tag)
			break;
		if (HAKMEM_TAG_NUMBER(*tag) == chunk)
			return slot;
	}
	for (int i = 0; i < HAKMEM_MAP_PROBES; i++) {
		__u32 slot = (granule + i) & (HAKMEM_MAP_GRANULES - 1);

		*tag = 0;
		if (bpf_probe_read_user(tag, sizeof(*tag), &map->granules[slot]) || !*tag)
			break;
		if (HAKMEM_TAG_NUMBER(*tag) == granule)
			return HAKMEM_MAP_SLOTS + slot;
	}
	return NO_SLOT;
}

#endif
