/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* System calls that map, move or shrink memory: whose it then is, in the request table. */
#ifndef HAKMEM_BPF_MAPPING_H
#define HAKMEM_BPF_MAPPING_H

#include "caller.h"
#include "move.h"
#include "populate.h"

static __always_inline __u32 file_owner(__u32 object, __u32 before, __u64 protection, __u64 flags)
{
	bool fixed_over_itself = flags & MAP_FIXED && is_image(before) && OWNER_OBJECT(before) == object;

	/* The dynamic loader maps with MAP_DENYWRITE (glibc), and over its first mapping of the object (all). */
	if (flags & MAP_SHARED || !(flags & MAP_DENYWRITE || protection & PROT_EXEC || fixed_over_itself))
		return OWNER(flags & MAP_SHARED ? OWNER_FILE : OWNER_FILE_PRIVATE, object);
	if (protection & PROT_EXEC)
		return OWNER(OWNER_IMAGE_TEXT, object);
	return OWNER(protection & PROT_WRITE ? OWNER_IMAGE_DATA : OWNER_IMAGE_READONLY, object);
}

/* See struct space. */
static __always_inline bool tls_next(__u32 space)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	return s && s->tls_next;
}

static __always_inline __u32 anonymous_owner(
    struct task_state *state, __u32 before, __u64 length, __u64 protection, __u64 flags)
{
	__u32 caller = state->caller;

	if (flags & MAP_SHARED)
		return OWNER(OWNER_SHARED, caller);
	if (flags & MAP_FIXED && is_image(before))
		return OWNER(OWNER_IMAGE_BSS, OWNER_OBJECT(before));
	if (flags & MAP_STACK)
		return OWNER(OWNER_STACK_NEW, caller);
	if (tls_next(state->space))
		return OWNER(OWNER_TLS_MAIN, 0);
	/* glibc's new_heap reserves twice HEAP_MAX_SIZE, 64 MiB, and trims it (MAP_NORESERVE until 2.40 only). */
	if (!protection && (length == 128UL << 20 || length == 64UL << 20))
		return OWNER(OWNER_ARENA, caller);
	/* musl's pthread_create; it needs 128 KiB at least for the stack alone. */
	if (!protection && length > 128UL << 10 && is_libc(caller))
		return OWNER(OWNER_STACK_NEW, caller);
	return OWNER(OWNER_ANON, caller);
}

static __always_inline void remember(struct task_state *state, __u64 start, __u64 end)
{
	__u32 at = state->recent_next++ & (TASK_RECENT - 1);

	state->recent[at].start = start;
	state->recent[at].end = end;
}

static __always_inline bool recent_range(struct task_state *state, __u64 address, struct address_range *range)
{
	for (int i = 1; i <= TASK_RECENT; i++) {
		__u32 at = (state->recent_next - i) & (TASK_RECENT - 1); /* the latest first */

		if (address >= state->recent[at].start && address < state->recent[at].end) {
			*range = state->recent[at];
			return true;
		}
	}
	return false;
}

/* What was just mapped has huge pages of the pool. */
static __always_inline void hugetlb_mapped(__u32 owner)
{
	object_mark(objects_hugetlb, OWNER_OBJECT(owner));
	process_has_hugetlb(current_task());
}

static __always_inline int mmap_done(__u64 address)
{
	struct task_state *state = task_known();
	__u64 length, protection, flags;
	__u32 before, owner;

	if (!state)
		return 0;
	length = state->argument[1];
	protection = state->argument[2];
	flags = state->argument[3];
	before = flags & MAP_FIXED ? table_find(state->space, address) : OWNER_NONE;
	if (before)
		purge_range(state->space, address, PAGE_ALIGN(length), PURGE_MMAP, state->caller);
	else
		history_change(state->space, address, address + length, HISTORY_MAP, 0);
	if (flags & MAP_ANONYMOUS) {
		owner = anonymous_owner(state, before, length, protection, flags);
		remember(state, address, PAGE_ALIGN(address + length));
		if (flags & MAP_HUGETLB)
			hugetlb_mapped(owner);
	} else {
		__u32 object = object_of_descriptor(state->argument[4]);

		owner = file_owner(object, before, protection, flags);
		if (object_is_marked(objects_on_hugetlbfs, object))
			hugetlb_mapped(owner);
	}
	table_set(state->space, address, address + length, owner);
	return 0;
}

static __always_inline void brk_done(struct task_state *state, __u64 now)
{
	__u64 before = state->argument[1];

	if (now > before) {
		history_change(state->space, PAGE_ALIGN(before), PAGE_ALIGN(now), HISTORY_MAP, 0);
		table_set(state->space, PAGE_ALIGN(before), now,
		    tls_next(state->space) ? OWNER(OWNER_TLS_MAIN, 0) : OWNER(OWNER_BREAK, state->caller));
		remember(state, PAGE_ALIGN_DOWN(before), PAGE_ALIGN(now));
	} else if (now < before) {
		purge_range(
		    state->space, PAGE_ALIGN(now), PAGE_ALIGN(before) - PAGE_ALIGN(now), PURGE_BRK, state->caller);
		table_set(state->space, PAGE_ALIGN(now), PAGE_ALIGN(before), OWNER_NONE);
	}
}

/*
 * What moves away is nobody's at once. A call that spans two owners will fail, or moves what the kernel merged: nothing
 * is taken away before it has succeeded (OWNER_SPLIT), and then all of it is the first one's.
 */
static __always_inline void mremap_begin(struct task_state *state)
{
	__u64 start = state->argument[0], end = start + state->argument[1];

	state->saved_owner = table_find(state->space, start);
	if (table_find(state->space, end - 1) != state->saved_owner)
		state->saved_owner = OWNER_SPLIT;
	else if (state->argument[3] & MREMAP_MAYMOVE && !(state->argument[3] & MREMAP_DONTUNMAP))
		table_set(state->space, start, end, OWNER_NONE);
}

static __always_inline void mremap_done(struct task_state *state, __u64 address, bool failed)
{
	__u64 start = state->argument[0], end = start + state->argument[1];
	__u32 owner = state->saved_owner;

	if (owner == OWNER_SPLIT) {
		if (failed)
			return;
		owner = table_find(state->space, start);
		if (address != start && !(state->argument[3] & MREMAP_DONTUNMAP))
			table_set(state->space, start, end, OWNER_NONE);
	}
	if (!failed) {
		start = address;
		end = address + state->argument[2];
	}
	table_set(state->space, start, end, owner);
}

/* The kernel made the file (SysV), so it is asked what it mapped. */
__noinline int shmat_done(__u64 address)
{
	struct task_state *state = task_known();
	struct vma_facts facts = {};
	__u32 object;

	if (!state || !vma_find(address, &facts))
		return 0;
	object = object_of_file(facts.file);
	if (object_is_marked(objects_on_hugetlbfs, object))
		hugetlb_mapped(OWNER(OWNER_FILE, object));
	table_set(state->space, facts.start, facts.end, OWNER(OWNER_FILE, object));
	return 0;
}

#endif
