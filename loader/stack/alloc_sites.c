// SPDX-License-Identifier: MIT
/* Each site's frames once, and ranges that name them. See alloc_sites.h. */
#include "stack/alloc_sites.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/lookup.h"
#include "trace.skel.h"
#include "stack/site_probes.h"
#include "stack/site_ranges.h"

#define RANGES_MOST (1UL << 19)
#define FRAMES_MOST (1UL << 22) /* of all sites */

/* Blocks that others had before are told at most so often a tick of 100 ms: 2 us each, so 2 % of a processor. */
#define REUSED_A_TICK 1000

struct site {
	size_t first, count; /* of frames */
};

struct alloc_sites {
	struct trace *skeleton;
	struct site_probes *probes;
	struct site_ranges *ranges;
	struct site *sites;
	size_t count, room;
	uint32_t *frames;
	size_t frame_count, frame_room;
	struct lookup index;
	uint64_t lost, told, reused; /* the latter two at the last tick */
	bool reused_dropped;
};

struct alloc_sites *alloc_sites_new(struct trace *skeleton)
{
	struct alloc_sites *sites = calloc(1, sizeof(*sites));

	if (!sites)
		return NULL;
	sites->skeleton = skeleton;
	sites->probes = site_probes_new(skeleton);
	sites->ranges = site_ranges_new(RANGES_MOST);
	if (sites->probes && sites->ranges)
		return sites;
	alloc_sites_free(sites);
	return NULL;
}

void alloc_sites_free(struct alloc_sites *sites)
{
	if (!sites)
		return;
	site_probes_free(sites->probes);
	site_ranges_free(sites->ranges);
	free(sites->sites);
	free(sites->frames);
	lookup_free(&sites->index);
	free(sites);
}

struct site_probes *alloc_sites_probes(struct alloc_sites *sites)
{
	return sites->probes;
}

struct sought {
	const uint32_t *frames;
	size_t count;
};

static bool same_site(const void *context, uint32_t entry, const void *key)
{
	const struct alloc_sites *sites = context;
	const struct sought *sought = key;

	return sites->sites[entry].count == sought->count &&
	       !memcmp(
	           sites->frames + sites->sites[entry].first, sought->frames, sought->count * sizeof(*sought->frames));
}

static bool grow(void **array, size_t *room, size_t wanted, size_t size)
{
	size_t larger = *room ? *room : 1024;
	void *more;

	while (larger < wanted)
		larger *= 2;
	if (larger == *room)
		return true;
	more = reallocarray(*array, larger, size);
	if (!more)
		return false;
	*array = more;
	*room = larger;
	return true;
}

/* SITE_NONE: there is no room. */
static uint32_t site_of(struct alloc_sites *sites, const uint32_t *frames, size_t count)
{
	struct sought sought = {frames, count};
	uint32_t hash = lookup_hash(LOOKUP_START, frames, count * sizeof(*frames));
	uint32_t entry = lookup_find(&sites->index, hash, same_site, sites, &sought);

	if (entry != LOOKUP_NONE)
		return entry;
	if (sites->frame_count + count > FRAMES_MOST ||
	    !grow((void **)&sites->frames, &sites->frame_room, sites->frame_count + count, sizeof(*frames)) ||
	    !grow((void **)&sites->sites, &sites->room, sites->count + 1, sizeof(*sites->sites)) ||
	    lookup_add(&sites->index, hash, sites->count)) {
		sites->lost++;
		return SITE_NONE;
	}
	memcpy(sites->frames + sites->frame_count, frames, count * sizeof(*frames));
	sites->sites[sites->count] = (struct site){sites->frame_count, count};
	sites->frame_count += count;
	return sites->count++;
}

void alloc_sites_set(struct alloc_sites *sites, const struct stack_site *told, const uint32_t *frames, size_t count)
{
	uint32_t site = count ? site_of(sites, frames, count) : SITE_NONE;

	site_ranges_set(sites->ranges, told->head.space, told->start, told->end, site);
}

void alloc_sites_space(struct alloc_sites *sites, const struct stack_space *told)
{
	if (told->copied)
		site_ranges_copy(sites->ranges, told->head.space, told->copied);
	else
		site_ranges_drop(sites->ranges, told->head.space);
}

const uint32_t *alloc_sites_find(const struct alloc_sites *sites, const struct stack_cost *cost, size_t *count)
{
	uint32_t kind = OWNER_KIND(cost->key.owner), site = SITE_NONE;

	*count = 0;
	if (kind == OWNER_ALLOCATOR_CLASS || kind == OWNER_ALLOCATOR_MEDIUM || kind == OWNER_ALLOCATOR_LARGE)
		site = site_ranges_find(sites->ranges, cost->head.space, cost->address);
	if (site == SITE_NONE)
		return NULL;
	*count = sites->sites[site].count;
	return sites->frames + sites->sites[site].first;
}

void alloc_sites_steer(struct alloc_sites *sites, bool all, uint32_t most, uint64_t ticks)
{
	uint64_t told = sites->skeleton->bss->sites_told - sites->told;

	sites->told += told;
	sites->reused = sites->skeleton->bss->sites_reused;
	sites->skeleton->bss->sites_taken = 0;
	sites->skeleton->data->site_stride = all || !ticks ? 1 : told / ticks / most + 1;
	sites->skeleton->data->site_doubles = all ? 0 : 2 * most;
}

void alloc_sites_limit_reused(struct alloc_sites *sites)
{
	if (sites->reused_dropped || sites->skeleton->bss->sites_reused - sites->reused <= REUSED_A_TICK)
		return;
	site_probes_drop_reused(sites->probes);
	sites->reused_dropped = true;
}

uint64_t alloc_sites_lost(const struct alloc_sites *sites)
{
	return sites->lost + site_ranges_lost(sites->ranges);
}

bool alloc_sites_known(const struct alloc_sites *sites)
{
	return site_probes_count(sites->probes) > 0;
}

const char *alloc_sites_limit(const struct alloc_sites *sites)
{
	if (!site_probes_count(sites->probes))
		return site_probes_problem(sites->probes)
		           ? "who allocated memory is n/a: libhakmem's probes could not be set"
		           : "who allocated memory is n/a: --alloc-sites needs libhakmem, and nothing that was traced "
		             "has "
		             "it (with its probe hakmem:fresh); --preload hakmem brings it along";
	if (alloc_sites_lost(sites))
		return "who allocated memory is not known of all of it: there was no room for so many sites";
	if (sites->reused_dropped)
		return "memory that is allocated again counts as its first owner's where that did not touch it: it is "
		       "allocated too often to watch (--stacks=all does)";
	return NULL;
}
