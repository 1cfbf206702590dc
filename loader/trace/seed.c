// SPDX-License-Identifier: MIT
/* One function for each thing that can be known, the surest first. */
#include "trace/seed.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "process/owner.h"

#define PAGE       4096ULL
#define UP(a)      (((a) + PAGE - 1) & ~(PAGE - 1))
#define DOWN(a)    ((a) & ~(PAGE - 1))
#define VM_WRITE   0x2
#define VM_EXEC    0x4
#define VM_SHARED  0x8
#define HEAP_MAX   (64ULL << 20) /* glibc's arenas: HEAP_MAX_SIZE, malloc/arena.c */
#define MOST_PAGES 16384         /* of a segment that are looked at for libhakmem's table */

/* glibc's struct pthread, which the thread pointer is the start of (2.31-2.41). */
#define CONTROL_BLOCK 0x900
#define TLS_LIMIT     (64ULL << 20)
#define TLS_MODULES   64

static int add(struct seed *seed, uint64_t start, uint64_t end, uint32_t owner)
{
	struct seed_range *ranges = seed->ranges;
	size_t count = seed->count;

	if (start >= end)
		return 0;
	/* Full exactly when its length is a power of two. */
	if (!(count & (count - 1))) {
		ranges = reallocarray(ranges, count ? 2 * count : 1, sizeof(*ranges));
		if (!ranges)
			return -1;
		seed->ranges = ranges;
	}
	ranges[seed->count++] = (struct seed_range){start, end, owner};
	return 0;
}

static const struct attach_mapping *mapping_of(const struct seed_view *view, uint64_t address)
{
	size_t low = 0, high = view->mapping_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (address < view->mappings[middle].start)
			high = middle;
		else if (address >= view->mappings[middle].end)
			low = middle + 1;
		else
			return &view->mappings[middle];
	}
	return NULL;
}

static bool is_image(uint32_t owner)
{
	return OWNER_KIND(owner) >= OWNER_PROGRAM_TEXT && OWNER_KIND(owner) <= OWNER_IMAGE_BSS;
}

/* Private anonymous memory that neither exec nor brk made. */
static bool is_anonymous(const struct attach_mapping *mapping)
{
	return OWNER_KIND(mapping->owner) == OWNER_ANON && !(mapping->flags & VM_SHARED);
}

static uint32_t libc_object(const struct seed_view *view)
{
	for (size_t i = 0; i < view->mapping_count; i++)
		if (is_image(view->mappings[i].owner) && owner_is_libc(view->mappings[i].name))
			return OWNER_OBJECT(view->mappings[i].owner);
	return 0;
}

static uint32_t program_object(const struct seed_view *view)
{
	for (size_t i = 0; i < view->mapping_count; i++)
		if (OWNER_KIND(view->mappings[i].owner) >= OWNER_PROGRAM_TEXT &&
		    OWNER_KIND(view->mappings[i].owner) <= OWNER_PROGRAM_BSS)
			return OWNER_OBJECT(view->mappings[i].owner);
	return 0;
}

/* The one malloc library that stands in libc's place, 0: there is none or several. libhakmem publishes its own. */
static uint32_t allocator_object(const struct seed_view *view)
{
	uint32_t found = 0;

	for (size_t i = 0; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i];
		uint32_t object = OWNER_OBJECT(mapping->owner);

		if (!is_image(mapping->owner) || owner_is_libc(mapping->name) || !owner_is_allocator(mapping->name) ||
		    !strncmp(mapping->name, "libhakmem", strlen("libhakmem")) || object == found)
			continue;
		if (found)
			return 0;
		found = object;
	}
	return found;
}

/*
 * Where a thread's static TLS begins: the lowest of the blocks that its dtv (the word after the thread pointer, in
 * glibc and musl) names below the thread pointer. Without one, the page of the thread pointer will do.
 */
static uint64_t tls_start(const struct seed_view *view, const struct attach_mapping *in, uint64_t pointer)
{
	uint64_t dtv = 0, words[2 * TLS_MODULES], lowest = pointer;
	uint64_t floor = pointer - in->start > TLS_LIMIT ? pointer - TLS_LIMIT : in->start;
	size_t count = 2 * TLS_MODULES;

	if (view->read(view->context, pointer + 8, &dtv, sizeof(dtv)))
		return lowest;
	while (count && view->read(view->context, dtv, words, count * sizeof(words[0])))
		count /= 2;
	for (size_t i = 0; i < count; i++)
		if (words[i] >= floor && words[i] < lowest)
			lowest = words[i];
	return lowest;
}

struct tls {
	uint64_t start; /* 0: none is known */
	uint64_t end;
};

static struct tls tls_of(const struct seed_view *view, const struct attach_thread *thread)
{
	const struct attach_mapping *in = mapping_of(view, thread->thread_pointer);
	uint64_t end = UP(thread->thread_pointer + CONTROL_BLOCK);

	if (!thread->thread_pointer || !in || !(in->flags & VM_WRITE) || in->name[0])
		return (struct tls){};
	return (struct tls){DOWN(tls_start(view, in, thread->thread_pointer)), end < in->end ? end : in->end};
}

/* A stack lies below its thread's TLS, in the same mapping, and above that of the thread below. */
static uint64_t stack_start(const struct seed_view *view, const struct tls *all, const struct tls *own)
{
	uint64_t start = mapping_of(view, own->start)->start;

	for (size_t i = 0; i < view->thread_count; i++)
		if (all[i].end <= own->start && all[i].end > start)
			start = all[i].end;
	return start;
}

static int add_thread(struct seed *seed, const struct seed_view *view, const struct tls *all, size_t i)
{
	const struct attach_thread *thread = &view->threads[i];
	const struct attach_mapping *stack = mapping_of(view, thread->stack_pointer);
	bool first = thread->thread == thread->process;

	if (!all[i].start)
		return 0;
	if (add(seed, all[i].start, all[i].end, OWNER(first ? OWNER_TLS_MAIN : OWNER_TLS_THREAD, 0)))
		return -1;
	/* The first one's is the main stack; one that runs elsewhere (a coroutine, a Go program) has a stack of its own
	 * making. */
	if (first || !stack || stack != mapping_of(view, all[i].start) || !is_anonymous(stack) ||
	    thread->stack_pointer >= all[i].end)
		return 0;
	return add(seed, stack_start(view, all, &all[i]), all[i].start, OWNER(OWNER_STACK_THREAD, 0));
}

static int add_threads(struct seed *seed, const struct seed_view *view)
{
	struct tls *all = calloc(view->thread_count + 1, sizeof(*all));
	int result = all ? 0 : -1;

	for (size_t i = 0; !result && i < view->thread_count; i++)
		all[i] = tls_of(view, &view->threads[i]);
	for (size_t i = 0; !result && i < view->thread_count; i++)
		result = add_thread(seed, view, all, i);
	free(all);
	return result;
}

/* Whole pages of memory mapped for it, as bpf/calls.h has it. */
static int add_signal_stacks(struct seed *seed, const struct seed_view *view)
{
	for (size_t i = 0; i < view->thread_count; i++) {
		uint64_t start = UP(view->threads[i].signal_stack);
		uint64_t end = DOWN(view->threads[i].signal_stack + view->threads[i].signal_stack_size);
		const struct attach_mapping *in = mapping_of(view, start);

		if (start && in && is_anonymous(in) && end <= in->end &&
		    add(seed, start, end, OWNER(OWNER_STACK_SIGNAL, 0)))
			return -1;
	}
	return 0;
}

/* The brk heap may share a mapping with the program's bss before it. */
static int add_break(struct seed *seed, const struct seed_view *view)
{
	uint32_t libc = libc_object(view), program = program_object(view);

	for (size_t i = 0; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i];
		uint64_t start = mapping->start > mapping->break_start ? mapping->start : DOWN(mapping->break_start);

		if (OWNER_KIND(mapping->owner) != OWNER_BREAK)
			continue;
		if (add(seed, mapping->start, UP(mapping->break_start), OWNER(OWNER_PROGRAM_BSS, program)) ||
		    add(seed, start, mapping->end, OWNER(OWNER_BREAK, libc ? libc : program)))
			return -1;
	}
	return 0;
}

/* Is [start, end) all private anonymous memory? */
static bool all_anonymous(const struct seed_view *view, uint64_t start, uint64_t end)
{
	for (const struct attach_mapping *mapping; start < end; start = mapping->end) {
		mapping = mapping_of(view, start);
		if (!mapping || !is_anonymous(mapping))
			return false;
	}
	return true;
}

/* An arena is 64 MiB, aligned to that; its struct heap_info says in its third and fourth word how much is in use. */
static bool is_arena(const struct seed_view *view, uint64_t start)
{
	uint64_t words[4] = {};

	if (!all_anonymous(view, start, start + HEAP_MAX))
		return false;
	if (view->read(view->context, start, words, sizeof(words)))
		return false;
	return words[2] && words[2] <= words[3] && words[3] <= HEAP_MAX && !(words[3] % PAGE);
}

static int add_arenas(struct seed *seed, const struct seed_view *view, uint32_t libc)
{
	for (size_t i = 0; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i];
		uint64_t start = (mapping->start + HEAP_MAX - 1) & ~(HEAP_MAX - 1);

		for (; is_anonymous(mapping) && start < mapping->end; start += HEAP_MAX)
			if (is_arena(view, start) && add(seed, start, start + HEAP_MAX, OWNER(OWNER_ARENA, libc)))
				return -1;
	}
	return 0;
}

/* A chunk that glibc's malloc mapped begins with its size and the flag IS_MMAPPED. Neighbours may share a mapping. */
static int add_chunks(struct seed *seed, const struct seed_view *view, uint32_t libc)
{
	for (size_t i = 0; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i];
		uint64_t at = mapping->start, words[2];

		while (is_anonymous(mapping) && at < mapping->end &&
		       !view->read(view->context, at, words, sizeof(words))) {
			uint64_t size = words[1] & ~7ULL;

			if (words[0] >= PAGE || (words[1] & 7) != 2 || !size || size % PAGE || size > mapping->end - at)
				break;
			if (add(seed, at, at + size, OWNER(OWNER_ANON, libc)))
				return -1;
			at += size;
		}
	}
	return 0;
}

/* Only an object of which some part is executable is an image; another private file mapping is a file. */
static bool has_text(const struct seed_view *view, uint32_t object)
{
	for (size_t i = 0; i < view->mapping_count; i++)
		if (is_image(view->mappings[i].owner) && OWNER_OBJECT(view->mappings[i].owner) == object &&
		    view->mappings[i].flags & VM_EXEC)
			return true;
	return false;
}

/* Where an image ends, by the program headers on its first page; 0 when that can't be read. */
static uint64_t image_end(const struct seed_view *view, uint32_t object)
{
	uint64_t base = 0, first = UINT64_MAX, last = 0;
	Elf64_Phdr segment;
	Elf64_Ehdr header;

	for (size_t i = 0; !base && i < view->mapping_count; i++)
		if (is_image(view->mappings[i].owner) && OWNER_OBJECT(view->mappings[i].owner) == object)
			base = view->mappings[i].start;
	if (view->read(view->context, base, &header, sizeof(header)) || memcmp(header.e_ident, ELFMAG, SELFMAG))
		return 0;
	for (unsigned int i = 0; i < header.e_phnum && i < 64; i++) {
		if (view->read(view->context, base + header.e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			return 0;
		if (segment.p_type != PT_LOAD)
			continue;
		if (DOWN(segment.p_vaddr) < first)
			first = DOWN(segment.p_vaddr);
		if (segment.p_vaddr + segment.p_memsz > last)
			last = segment.p_vaddr + segment.p_memsz;
	}
	return last > first ? base + UP(last - first) : 0;
}

/* Anonymous memory right behind an image's writable segment is its bss, as far as the image goes. */
static int add_bss(struct seed *seed, const struct seed_view *view)
{
	for (size_t i = 1; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i], *before = mapping - 1;
		bool program = OWNER_KIND(before->owner) == OWNER_PROGRAM_DATA;
		uint64_t end;

		if (!is_anonymous(mapping) || before->end != mapping->start ||
		    (!program && OWNER_KIND(before->owner) != OWNER_IMAGE_DATA) || !(mapping->flags & VM_WRITE))
			continue;
		end = image_end(view, OWNER_OBJECT(before->owner));
		if (add(seed, mapping->start, end && end < mapping->end ? end : mapping->end,
		        OWNER(program ? OWNER_PROGRAM_BSS : OWNER_IMAGE_BSS, OWNER_OBJECT(before->owner))))
			return -1;
	}
	return 0;
}

static int add_rest(struct seed *seed, const struct seed_view *view)
{
	uint32_t allocator = allocator_object(view);

	for (size_t i = 0; i < view->mapping_count; i++) {
		const struct attach_mapping *mapping = &view->mappings[i];
		uint32_t owner = mapping->owner, object = OWNER_OBJECT(owner);

		switch (OWNER_KIND(owner)) {
		case OWNER_STACK_MAIN: /* it grows: never entered */
		case OWNER_BREAK:
			continue;
		case OWNER_ANON:
			if (allocator)
				owner = OWNER(OWNER_ANON, allocator);
			break;
		case OWNER_FILE:
			if (!strcmp(mapping->name, "dev/zero")) /* mm/shmem.c, shmem_zero_setup() */
				owner = OWNER(OWNER_SHARED, 0);
			break;
		case OWNER_IMAGE_TEXT:
		case OWNER_IMAGE_READONLY:
		case OWNER_IMAGE_DATA:
			if (!has_text(view, object))
				owner = OWNER(OWNER_FILE, object);
			break;
		}
		if (add(seed, mapping->start, mapping->end, owner))
			return -1;
	}
	return 0;
}

/* libhakmem's table lies page-aligned in the bss of whatever image contains it. */
static uint64_t find_map(const struct seed *seed, const struct seed_view *view)
{
	struct {
		uint64_t magic;
		uint32_t version;
		uint32_t size;
	} head;

	for (size_t i = 0; i < seed->count; i++) {
		const struct seed_range *range = &seed->ranges[i];
		uint32_t kind = OWNER_KIND(range->owner);
		uint64_t end =
		    range->end - range->start > MOST_PAGES * PAGE ? range->start + MOST_PAGES * PAGE : range->end;

		if (kind != OWNER_PROGRAM_DATA && kind != OWNER_PROGRAM_BSS && kind != OWNER_IMAGE_DATA &&
		    kind != OWNER_IMAGE_BSS)
			continue;
		for (uint64_t at = range->start; at < end; at += PAGE)
			if (!view->read(view->context, at, &head, sizeof(head)) && head.magic == HAKMEM_MAP_MAGIC &&
			    head.version == HAKMEM_MAP_VERSION && head.size == sizeof(struct hakmem_map))
				return at;
	}
	return 0;
}

int seed_make(struct seed *seed, const struct seed_view *view)
{
	uint32_t libc = libc_object(view);

	*seed = (struct seed){};
	if (add_threads(seed, view) || add_signal_stacks(seed, view) || add_break(seed, view) || add_bss(seed, view))
		return -1;
	if (libc && (add_arenas(seed, view, libc) || add_chunks(seed, view, libc)))
		return -1;
	if (add_rest(seed, view))
		return -1;
	seed->map = find_map(seed, view);
	return 0;
}

void seed_free(struct seed *seed)
{
	free(seed->ranges);
	*seed = (struct seed){};
}
