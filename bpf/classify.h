/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * classify(address): whose memory is it? First what libhakmem published in the process's own memory, then the request
 * table, then what only the kernel knows (exec's own mappings, the main stack, brk, vdso), which is entered into the
 * table for the next time.
 */
#ifndef HAKMEM_BPF_CLASSIFY_H
#define HAKMEM_BPF_CLASSIFY_H

#include "call_numbers.h"
#include "object.h"
#include "owned.h"
#include "published.h"
#include "state.h"

/* The facts of a VMA that matter; copied out, because the VMA may change once its lock is dropped. */
struct vma_facts {
	__u64 start;
	__u64 end;
	__u64 flags;
	__u64 file;
};

static __always_inline void vma_read(struct vm_area_struct *vma, struct vma_facts *facts)
{
	facts->start = vma->vm_start;
	facts->end = vma->vm_end;
	facts->flags = vma->vm_flags;
	facts->file = (__u64)BPF_CORE_READ(vma, vm_file); /* a number, as global functions take it */
}

/* The same of one that the verifier knows nothing of. */
static __always_inline void vma_read_far(struct vm_area_struct *vma, struct vma_facts *facts)
{
	facts->start = BPF_CORE_READ(vma, vm_start);
	facts->end = BPF_CORE_READ(vma, vm_end);
	facts->flags = BPF_CORE_READ(vma, vm_flags);
	facts->file = (__u64)BPF_CORE_READ(vma, vm_file);
}

#ifdef OLD_KERNEL

/* Until 6.0 VMAs were a list too (removed by commit 763ecb035029). */
struct vm_area_struct___list {
	unsigned long vm_start, vm_end, vm_flags;
	struct file *vm_file;
	struct vm_area_struct___list *vm_next;
} __attribute__((preserve_access_index));

struct mm_struct___list {
	struct vm_area_struct___list *mmap;
} __attribute__((preserve_access_index));

/* Programs just executed have fewer; elsewhere what is not found here is found by the VMA that a fault's hook has. */
#define VMAS_MOST 24

/* The current task's, without its lock: nobody else is there yet when a program is executed. */
static __always_inline bool vma_find(__u64 address, struct vma_facts *facts)
{
	struct mm_struct___list *mm = (void *)BPF_CORE_READ(current_task(), mm);
	struct vm_area_struct___list *vma;

	if (!bpf_core_field_exists(mm->mmap))
		return false;
	vma = BPF_CORE_READ(mm, mmap);

	for (int i = 0; i < VMAS_MOST && vma; i++) {
		facts->start = BPF_CORE_READ(vma, vm_start);
		facts->end = BPF_CORE_READ(vma, vm_end);
		if (address < facts->end) {
			facts->flags = BPF_CORE_READ(vma, vm_flags);
			facts->file = (__u64)BPF_CORE_READ(vma, vm_file);
			return address >= facts->start;
		}
		vma = BPF_CORE_READ(vma, vm_next);
	}
	return false;
}

#else

static long vma_found(struct task_struct *task, struct vm_area_struct *vma, void *context)
{
	vma_read(vma, context);
	return 0;
}

static __always_inline bool vma_find(__u64 address, struct vma_facts *facts)
{
	return !bpf_find_vma(current_task(), address, vma_found, facts, 0) && facts->end;
}

#endif

static __always_inline __u32 image_kind(__u64 flags, bool program)
{
	__u32 kind = flags & VM_EXEC ? OWNER_IMAGE_TEXT : flags & VM_WRITE ? OWNER_IMAGE_DATA : OWNER_IMAGE_READONLY;

	return program ? kind - OWNER_IMAGE_TEXT + OWNER_PROGRAM_TEXT : kind;
}

/*
 * Anonymous memory that nobody is known to have asked for. From 6.19 on a task can be preempted inside a tracepoint's
 * program, and the same program is then skipped for others on that CPU: when this task's mmap was not seen to return,
 * the memory is what that call asked for. Otherwise, where what was mapped before the attach is not in the table yet
 * (unseeded), it is of that; the loader is about to know some of it better. `selecting` is for the verifier, which need
 * not walk this where nothing is attached to.
 */
__noinline __u32 anonymous_unknown(__u32 unseeded)
{
	struct task_state *state = task_known();

	if (!state || state->call != CALL_MMAP)
		return OWNER(OWNER_ANON, selecting && unseeded ? object_before_attach() : 0);
	return OWNER(state->argument[3] & MAP_STACK ? OWNER_STACK_NEW : OWNER_ANON, state->caller);
}

/* What the kernel's own layout says of a VMA; OWNER_NONE: anonymous, and anybody's. */
static __always_inline __u32 vma_owner(struct mm_struct *mm, __u32 program, const struct vma_facts *vma)
{
	if (vma->file) {
		__u32 object = object_of_file(vma->file);

		return OWNER(vma->flags & VM_SHARED ? OWNER_FILE : image_kind(vma->flags, object == program), object);
	}
	if (vma->flags & VM_GROWSDOWN ||
	    (BPF_CORE_READ(mm, start_stack) >= vma->start && BPF_CORE_READ(mm, start_stack) < vma->end))
		return OWNER(OWNER_STACK_MAIN, 0);
	if (vma->flags & VM_PFNMAP || vma->start == (__u64)BPF_CORE_READ(mm, context.vdso))
		return OWNER(OWNER_VDSO, 0);
	if (vma->start < BPF_CORE_READ(mm, brk) && vma->end > BPF_CORE_READ(mm, start_brk))
		return OWNER(OWNER_BREAK, 0);
	if (vma->start >= BPF_CORE_READ(mm, start_code) && vma->end <= BPF_CORE_READ(mm, start_brk) &&
	    vma->start - BPF_CORE_READ(mm, end_data) < 1UL << GIB_SHIFT)
		return OWNER(OWNER_PROGRAM_BSS, program);
	return OWNER_NONE;
}

/* Enter a VMA that no system call of the process asked for. Returns its owner. */
static __always_inline __u32 vma_enter(__u32 space, const struct vma_facts *vma)
{
	struct task_struct *task = current_task();
	struct space *s = bpf_map_lookup_elem(&spaces, &space);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u32 owner;

	if (!s || !mm)
		return OWNER_NONE;
	owner = vma_owner(mm, s->program, vma);
	if (OWNER_KIND(owner) == OWNER_STACK_MAIN)
		return owner; /* it grows: never entered */
	if (!owner)
		owner = anonymous_unknown(s->unseeded);
	if (!s->unseeded && !IS_LONG(vma->start, vma->end)) /* or else the loader is about to know better */
		table_set_short(space, vma->start, vma->end, owner, 1);
	return owner;
}

/*
 * In the usual layout the main stack lies above mmap_base, and nothing else but the vdso, which is above the
 * environment (arch/x86/mm/mmap.c, mmap_base()). The legacy layout puts mmap_base 85 TiB below the stack: no quick
 * answer there.
 */
static __always_inline bool on_main_stack(struct mm_struct *mm, __u64 address)
{
	return BPF_CORE_READ(mm, start_stack) &&
	       BPF_CORE_READ(mm, start_stack) - BPF_CORE_READ(mm, mmap_base) < 32UL << 40 &&
	       address > BPF_CORE_READ(mm, mmap_base) && address < PAGE_ALIGN(BPF_CORE_READ(mm, env_end));
}

/* What the kernel says of an address that the table doesn't know. */
__noinline __u32 owner_from_kernel(__u32 space, __u64 address)
{
	struct task_struct *task = current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct vma_facts facts = {};

	if (!mm)
		return OWNER_NONE;
	if (on_main_stack(mm, address))
		return OWNER(OWNER_STACK_MAIN, 0);
	if (vma_find(address, &facts))
		return vma_enter(space, &facts);
	/* Below the stack's VMA, which is about to grow; or the VMA could not be looked up now. */
	if (address <= BPF_CORE_READ(mm, start_stack) && address + (64UL << 20) > BPF_CORE_READ(mm, start_stack))
		return OWNER(OWNER_STACK_MAIN, 0);
	if (address >= BPF_CORE_READ(mm, start_brk) && address < BPF_CORE_READ(mm, brk))
		return OWNER(OWNER_BREAK, 0);
	if (address >= BPF_CORE_READ(mm, start_code) && address < BPF_CORE_READ(mm, end_code))
		return OWNER(OWNER_PROGRAM_TEXT, 0);
	if (address >= BPF_CORE_READ(mm, start_data) && address < BPF_CORE_READ(mm, end_data))
		return OWNER(OWNER_PROGRAM_DATA, 0);
	return OWNER_NONE;
}

static __always_inline void place_set(struct place *place, __u32 kind)
{
	place->key.owner = OWNER(kind, 0);
}

static __always_inline void classify_slab(struct hakmem_map *map, __u32 slot, __u64 address, struct place *place)
{
	__u32 slab = address >> HAKMEM_SLAB_SHIFT & (HAKMEM_CHUNK_SLABS - 1);
	__u8 class = HAKMEM_SLAB_FREE;
	__u32 size = 0;

	bpf_probe_read_user(&class, sizeof(class), &map->slots[slot].slab_class[slab]);
	if (class == HAKMEM_SLAB_MEDIUM) {
		place_set(place, OWNER_ALLOCATOR_MEDIUM);
		return;
	}
	if (class >= HAKMEM_MAP_CLASSES) {
		place_set(place, OWNER_ALLOCATOR_METADATA);
		return;
	}
	bpf_probe_read_user(&size, sizeof(size), &map->class_size[class]);
	place_set(place, OWNER_ALLOCATOR_CLASS);
	place->key.block_size = size;
}

enum published {
	PUBLISHED_NO,
	PUBLISHED_RANGE,  /* good for the whole slab */
	PUBLISHED_EXTENT, /* or one is near: good for this page alone */
};

static __always_inline void place_published(struct hakmem_map *map, __u64 tag, __u64 address, struct place *place)
{
	__u64 kind = place->slot < HAKMEM_MAP_SLOTS ? HAKMEM_TAG_KIND(tag) : HAKMEM_RANGE_LARGE;

	if (kind == HAKMEM_RANGE_SUPERSLAB)
		classify_slab(map, place->slot, address, place);
	else
		place_set(place, kind == HAKMEM_RANGE_LARGE ? OWNER_ALLOCATOR_LARGE : OWNER_ALLOCATOR_METADATA);
}

SHARED_FUNCTION int classify_published(__u64 map_address, __u64 address, struct place *place)
{
	struct hakmem_map *map = (struct hakmem_map *)map_address;
	int answer = PUBLISHED_NO;
	__u64 tag;

	if (!place)
		return 0;
	place->slot = published_find(map, address, &tag);
	if (place->slot < NO_SLOT) {
		place_published(map, tag, address, place);
		return PUBLISHED_RANGE;
	}
	for (int i = 0; i < HAKMEM_MAP_EXTENTS; i++) {
		struct hakmem_map_extent extent = {};

		if (bpf_probe_read_user(&extent, sizeof(extent), &map->extent[i]))
			break;
		/* The page counts, not the byte: the first touch of a page is by its first user. */
		if (address < PAGE_ALIGN(extent.end) && address >= PAGE_ALIGN_DOWN(extent.start)) {
			place_set(place, OWNER_ALLOCATOR_METADATA);
			return PUBLISHED_EXTENT;
		}
		if (address >> HAKMEM_SLAB_SHIFT <= (extent.end - 1) >> HAKMEM_SLAB_SHIFT &&
		    address >> HAKMEM_SLAB_SHIFT >= extent.start >> HAKMEM_SLAB_SHIFT)
			answer = PUBLISHED_EXTENT;
	}
	return answer;
}

static __always_inline bool may_be_published(__u32 kind)
{
	switch (kind) {
	case OWNER_NONE:
	case OWNER_ANON:
	case OWNER_PROGRAM_DATA:
	case OWNER_PROGRAM_BSS:
	case OWNER_IMAGE_DATA:
	case OWNER_IMAGE_BSS:
		return true;
	}
	return false;
}

/* Whose stack or TLS it is depends on who touches it. */
static __always_inline bool depends_on_thread(__u32 kind)
{
	return kind == OWNER_STACK_NEW || kind == OWNER_TLS_THREAD;
}

/*
 * No thread was started on this stack yet. Its creator, whose own stack is elsewhere, lays out TLS there; if the stack
 * pointer is near, somebody switched to it by hand.
 */
static __always_inline __u32 new_stack_owner(__u32 space, __u32 owner, __u64 address, __u64 stack_pointer)
{
	if (address + (1UL << 20) > stack_pointer && address < stack_pointer + (1UL << 20) &&
	    table_find(space, stack_pointer) == owner)
		return OWNER(OWNER_STACK_THREAD, 0);
	return OWNER(OWNER_TLS_THREAD, 0);
}

/* Of a thread whose stack has no known beginning: between its stack pointer, red zone included, and the top. */
static __always_inline bool on_unbounded_stack(struct task_state *state, __u64 address, __u64 stack_pointer)
{
	return state->stack_unbounded && address < state->stack_top && address + 128 >= stack_pointer;
}

/* Where the space's map is; 0: it has none. */
static __always_inline __u64 map_of(struct task_state *state, __u32 space, __u64 generation)
{
	struct space *s;

	if (state->mapless == space && state->mapless_generation == generation)
		return 0;
	s = bpf_map_lookup_elem(&spaces, &space);
	if (s && s->map)
		return s->map;
	state->mapless = space;
	state->mapless_generation = generation;
	return 0;
}

static __always_inline __u64 generation_of(__u64 map)
{
	__u64 generation = 0;

	bpf_probe_read_user(&generation, sizeof(generation), &((struct hakmem_map *)map)->generation);
	return generation;
}

/* Without a look at what is known. Inlined: the verifier allows eight frames. */
static __always_inline int classify(__u32 space, __u64 address, __u64 stack_pointer, struct place *place)
{
	struct task_state *state = task_known();
	__u64 generation = table_generation, map = 0, map_generation = 0;
	int published = PUBLISHED_NO;
	struct address_range *around;
	__u32 owner, kind;

	if (!state || !place)
		return 0;
	around = &state->known.range;
	around->end = 0;
	owner = owner_around(space, address, around);
	if (!owner)
		owner = owner_from_kernel(space, address);
	kind = OWNER_KIND(owner);
	place->key = (struct account_key){.owner = owner ? owner : OWNER(OWNER_ANON, 0)};
	place->request = owner;
	place->slot = NO_SLOT;
	if (kind == OWNER_STACK_NEW)
		place->key.owner = new_stack_owner(space, owner, address, stack_pointer);
	if (may_be_published(kind))
		map = map_of(state, space, generation);
	if (map) {
		map_generation = generation_of(map);
		published = classify_published(map, address, place);
		/* What libhakmem publishes differs from slab to slab. */
		if (around->end)
			range_around(around, address, HAKMEM_SLAB_SHIFT);
	}
	if (kind == OWNER_TLS_THREAD && address < state->stack_top && address >= PAGE_ALIGN_DOWN(state->stack_top))
		place->key.owner = OWNER(OWNER_STACK_THREAD, 0); /* its own stack's end of the page they share */
	if (kind == OWNER_ANON && on_unbounded_stack(state, address, stack_pointer))
		place->key.owner = OWNER(OWNER_STACK_THREAD, 0);
	if (published == PUBLISHED_EXTENT || depends_on_thread(kind) || state->stack_unbounded)
		around->end = 0;
	state->known.table_generation = generation;
	state->known.map_generation = map_generation;
	state->known.map = map;
	state->known.space = space;
	state->known.place = *place;
	return 0;
}

/* Does the last answer hold for this address? */
static __always_inline bool is_known(struct task_state *state, __u64 address)
{
	struct known_range *known = &state->known;

	return address >= known->range.start && address < known->range.end && known->space == state->space &&
	       known->table_generation == table_generation &&
	       (!known->map || generation_of(known->map) == known->map_generation);
}

#endif
