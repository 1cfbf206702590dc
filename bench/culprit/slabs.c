/* SPDX-License-Identifier: MIT */
/*
 * A malloc to preload that has the flaw of the original study's allocator: at start-up it clears megabytes of its own
 * metadata, which mmap handed over zeroed a moment before. A program that then recycles its blocks well has nearly all
 * of its faults there, and no better recycling can save any. Its authors took them for the workload's, and tried to
 * give memory back lazily. hakmem-trace has to say what they are.
 *
 * SuperSlabs of 2 MiB hold 32 slabs of 64 KiB, of one size class each; what is larger gets a mapping of its own.
 * Published as libhakmem does it (hakmem_map.h), so that a trace can tell metadata from blocks. One lock, for it is no
 * fast allocator. The environment, read once:
 *     CULPRIT_CLEAR=0               don't clear the metadata: the cure
 *     HAKMEM_ZERO=eager|lazy|keep   a SuperSlab that became free gets MADV_DONTNEED (the default), MADV_FREE, nothing
 * Not for real use: a wrong free is not noticed, fork from a threaded program may find the lock taken.
 */
#include "culprit.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "hakmem_map.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define CHUNK           (1ul << HAKMEM_CHUNK_SHIFT)
#define SLAB            (1ul << HAKMEM_SLAB_SHIFT)
#define METADATA_CHUNKS 15   /* 30 MiB: the study counted 7,672 faults */
#define SUPERSLABS      2048 /* 4 GiB of blocks */

/* Classes in steps of 16 bytes to 1 KiB and a bit, as the workload random_mixed wants, and powers of two above. */
#define STEPS   65
#define CLASSES 70

_Static_assert(MOST_BLOCK == SLAB / 2, "the largest class is half a slab");

struct block {
	struct block *next;
};

struct slab {
	struct slab *next;  /* of those of its class that have room */
	struct block *free; /* most recently freed first, so that pages in use stay in use */
	hakmem_u32 fresh;   /* blocks that were never handed out begin here */
	hakmem_u32 used;    /* blocks that are */
	hakmem_u8 class;
	hakmem_u8 listed;
};

struct superslab {
	struct hakmem_map_slot *slot;
	hakmem_u32 slabs; /* taken so far, from the first on */
	hakmem_u32 used;  /* of them: those with blocks in use */
};

/* Room for far more than most programs have, as such tables are: all of it is cleared, little of it is used. */
struct metadata {
	struct slab *with_room[CLASSES];
	struct superslab *filling; /* the one whose slabs are taken next */
	hakmem_u32 superslabs;     /* in use, from the first on */
	struct superslab superslab[SUPERSLABS];
	struct slab slab[SUPERSLABS * HAKMEM_CHUNK_SLABS];
};

_Static_assert(sizeof(struct metadata) <= METADATA_CHUNKS * CHUNK, "the metadata have too little room");

static struct hakmem_map map;
static struct metadata *metadata; /* NULL: not started */
static char *blocks;
static int purge_advice = MADV_DONTNEED; /* -1: none */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t block_size(unsigned int class)
{
	return class < STEPS ? (class + 1) * STEP : 2048ul << (class - STEPS);
}

static unsigned int class_of(size_t size)
{
	unsigned int class = STEPS;

	if (size <= STEPS * STEP)
		return size ? (size - 1) / STEP : 0;
	while (block_size(class) < size)
		class ++;
	return class;
}

/* Aligned to 2 MiB, in small pages, so that the count of faults is the same on every kernel. NULL: out of memory. */
static char *map_chunks(size_t chunks)
{
	size_t size = (chunks + 1) * CHUNK;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory + (-(uintptr_t)memory & (CHUNK - 1));
}

static struct hakmem_map_slot *publish_chunk(const char *chunk, enum hakmem_range_kind kind)
{
	hakmem_u64 number = (uintptr_t)chunk >> HAKMEM_CHUNK_SHIFT;

	for (hakmem_u64 i = 0; i < HAKMEM_MAP_PROBES; i++) {
		struct hakmem_map_slot *slot = &map.slots[(number + i) % HAKMEM_MAP_SLOTS];

		if (slot->tag)
			continue;
		memset(slot->slab_class, HAKMEM_SLAB_FREE, sizeof(slot->slab_class));
		__atomic_store_n(&slot->tag, HAKMEM_TAG(number, kind), __ATOMIC_RELEASE);
		map.generation++;
		return slot;
	}
	map.unpublished++;
	return NULL;
}

static void register_map(void)
{
	map.version = HAKMEM_MAP_VERSION;
	map.size = sizeof(map);
	for (unsigned int class = 0; class < CLASSES; class ++)
		map.class_size[class] = block_size(class);
	map.extent[0].start = (uintptr_t)&map;
	map.extent[0].end = (uintptr_t)(&map + 1);
	map.magic = HAKMEM_MAP_MAGIC;
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, &map, sizeof(map), HAKMEM_MAP_NAME);
}

static bool environment_is(const char *name, const char *value)
{
	const char *text = getenv(name);

	return text && !strcmp(text, value);
}

static bool start(void)
{
	char *memory = map_chunks(METADATA_CHUNKS);

	blocks = map_chunks(SUPERSLABS);
	if (!memory || !blocks)
		return false;
	register_map();
	for (size_t i = 0; i < METADATA_CHUNKS; i++)
		publish_chunk(memory + i * CHUNK, HAKMEM_RANGE_METADATA);
	/* The flaw. The barrier keeps a compiler from seeing that it is one. */
	if (!environment_is("CULPRIT_CLEAR", "0"))
		memset(memory, 0, METADATA_CHUNKS * CHUNK);
	__asm__ volatile("" : : "r"(memory) : "memory");
	if (environment_is("HAKMEM_ZERO", "lazy"))
		purge_advice = MADV_FREE;
	else if (environment_is("HAKMEM_ZERO", "keep"))
		purge_advice = -1;
	metadata = (struct metadata *)memory;
	return true;
}

static size_t slab_number(const struct slab *slab)
{
	return slab - metadata->slab;
}

static char *slab_memory(const struct slab *slab)
{
	return blocks + slab_number(slab) * SLAB;
}

static struct superslab *superslab_of(const struct slab *slab)
{
	return &metadata->superslab[slab_number(slab) / HAKMEM_CHUNK_SLABS];
}

/* The one under way, or the first that became free, or the next. */
static struct superslab *superslab_with_room(void)
{
	struct superslab *superslab = metadata->filling;

	if (superslab && superslab->slabs < HAKMEM_CHUNK_SLABS)
		return superslab;
	for (hakmem_u32 i = 0; i <= metadata->superslabs && i < SUPERSLABS; i++) {
		superslab = &metadata->superslab[i];
		if (superslab->slabs)
			continue;
		if (i == metadata->superslabs) {
			metadata->superslabs++;
			superslab->slot = publish_chunk(blocks + i * CHUNK, HAKMEM_RANGE_SUPERSLAB);
		}
		return metadata->filling = superslab;
	}
	return NULL;
}

static struct slab *take_slab(unsigned int class)
{
	struct superslab *superslab = superslab_with_room();
	struct slab *slab;

	if (!superslab)
		return NULL;
	slab = &metadata->slab[(superslab - metadata->superslab) * HAKMEM_CHUNK_SLABS + superslab->slabs];
	if (superslab->slot)
		superslab->slot->slab_class[superslab->slabs] = class;
	map.generation++;
	superslab->slabs++;
	*slab = (struct slab){.class = class, .listed = 1, .next = metadata->with_room[class]};
	return metadata->with_room[class] = slab;
}

static void *take_block(unsigned int class)
{
	struct slab *slab = metadata->with_room[class];
	size_t size = block_size(class);
	void *block;

	if (!slab && !(slab = take_slab(class)))
		return NULL;
	block = slab->free;
	if (block) {
		slab->free = slab->free->next;
	} else {
		block = slab_memory(slab) + slab->fresh;
		slab->fresh += size;
	}
	if (!slab->used++)
		superslab_of(slab)->used++;
	if (!slab->free && slab->fresh + size > SLAB) {
		metadata->with_room[class] = slab->next;
		slab->listed = 0;
	}
	return block;
}

/* All of its blocks are free: whoever finds slabs of it in a list forgets them, and its memory goes back. */
static void free_superslab(struct superslab *superslab)
{
	size_t first = (superslab - metadata->superslab) * HAKMEM_CHUNK_SLABS;

	for (unsigned int class = 0; class < CLASSES; class ++) {
		struct slab **link = &metadata->with_room[class];

		while (*link)
			if (superslab_of(*link) == superslab)
				*link = (*link)->next;
			else
				link = &(*link)->next;
	}
	superslab->slabs = 0;
	if (superslab->slot)
		memset(superslab->slot->slab_class, HAKMEM_SLAB_FREE, HAKMEM_CHUNK_SLABS);
	map.generation++;
	if (purge_advice >= 0)
		madvise(blocks + first * SLAB, CHUNK, purge_advice);
}

static void give_block(struct slab *slab, struct block *block)
{
	struct superslab *superslab = superslab_of(slab);

	block->next = slab->free;
	slab->free = block;
	if (!slab->listed) {
		slab->listed = 1;
		slab->next = metadata->with_room[slab->class];
		metadata->with_room[slab->class] = slab;
	}
	if (!--slab->used && !--superslab->used && superslab->slabs == HAKMEM_CHUNK_SLABS)
		free_superslab(superslab);
}

static struct slab *slab_of(const void *pointer)
{
	size_t offset = (const char *)pointer - blocks;

	return metadata && offset < SUPERSLABS * CHUNK ? &metadata->slab[offset / SLAB] : NULL;
}

void *slabs_allocate(size_t size)
{
	void *block = NULL;

	pthread_mutex_lock(&lock);
	if (metadata || start())
		block = take_block(class_of(size));
	pthread_mutex_unlock(&lock);
	return block;
}

bool slabs_free(void *pointer)
{
	struct slab *slab = slab_of(pointer);

	if (!slab)
		return false;
	pthread_mutex_lock(&lock);
	give_block(slab, pointer);
	pthread_mutex_unlock(&lock);
	return true;
}

size_t slabs_block_size(const void *pointer)
{
	struct slab *slab = slab_of(pointer);

	return slab ? block_size(slab->class) : 0;
}

/* Before main, as the study's allocator did; the first malloc may come earlier still. */
__attribute__((constructor)) static void start_early(void)
{
	pthread_mutex_lock(&lock);
	if (!metadata)
		start();
	pthread_mutex_unlock(&lock);
}
