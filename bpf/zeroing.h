/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Zeroed pages, from whichever hook saw them. Inside a fault they wait for its region; page tables and the kernel's own
 * pages are the kernel's at once; the rest waits for the end of the system call.
 */
#ifndef HAKMEM_BPF_ZEROING_H
#define HAKMEM_BPF_ZEROING_H

#include "task.h"

static __always_inline void zero_add(struct cost *cost, __u64 bytes, __u64 ns)
{
	cost->zeroed_bytes += bytes;
	cost->zero_events++;
	if (ns) {
		cost->zero_timed_bytes += bytes;
		cost->zero_ns += ns;
	}
}

/* Now is the time to take the stack of a fault that zeroes much: later the program goes on. */
static __always_inline void large_zeroed(struct task_state *state, __u64 bytes)
{
	if (stacks_kept() && state->pending && bytes >= STACK_LARGE && OWNER_KIND(state->place.key.owner) != OWNER_CALL)
		stack_of_fault(state);
}

/* The fault's under way; or if there is none, one's whose beginning was missed, or the call's: stray_settle() tells. */
static __always_inline void zero_user(struct task_state *state, __u64 bytes, __u64 ns)
{
	zero_add(&state->fault, bytes, ns);
	large_zeroed(state, bytes);
}

/* The kernel's own memory. On its own, for it is rare, and what it needs is laid out at its caller's begin otherwise.
 */
__noinline int zeroed_kernels(__u32 kind, __u64 bytes, __u64 ns)
{
	struct task_state *state = task_known();
	struct account_key key = {.owner = OWNER(kind, 0)};
	struct cost cost = {};

	if (!state)
		return 0;
	key.phase = state->now;
	zero_add(&cost, bytes, ns);
	stack_of_kernel(state, &key, &cost);
	account(&key, &cost);
	return 0;
}

/* kind: of the kernel's own memory, or OWNER_NONE: the user's, whose owner the fault or call under way knows. */
static __always_inline void zeroed(struct task_state *state, enum owner_kind kind, __u64 bytes, __u64 ns)
{
	if (kind)
		zeroed_kernels(kind, bytes, ns);
	else
		zero_user(state, bytes, ns);
}

#define NO_FRAME (~0UL)

/* struct page, of which there is an array: 64 bytes wherever CONFIG_MEMCG is (include/linux/mm_types.h). */
#define FRAME_OF_PAGE(page) (((page)-page_array) / 64)

/*
 * User pages are cleared, [first, first + pages) by frame number. Within one fault the kernel may do that twice, when
 * it was allocated (init_on_alloc) and by whoever asked for it (huge pages up to 6.12, shared memory).
 */
static __always_inline bool frames_cleared_again(struct task_state *state, __u64 first, __u64 pages)
{
	__u64 end = first + pages;

	if (state->cleared_by != state->minor + state->major + 1 || first < state->cleared_first ||
	    first >= state->cleared_end)
		return false;
	if (end > state->cleared_end)
		end = state->cleared_end;
	state->fault.zeroed_twice_bytes += (end - first) << PAGE_SHIFT;
	return true;
}

static __always_inline void frames_remember(struct task_state *state, __u64 first, __u64 pages)
{
	__u64 fault = state->minor + state->major + 1;

	if (state->cleared_by != fault || first != state->cleared_end)
		state->cleared_first = first;
	state->cleared_by = fault;
	state->cleared_end = first + pages;
}

static __always_inline void frames_cleared(struct task_state *state, __u64 first, __u64 pages)
{
	if (state->pending && !frames_cleared_again(state, first, pages))
		frames_remember(state, first, pages);
}

/* How long it took, when that is known only after it was counted. */
static __always_inline void zeroed_in(struct task_state *state, enum owner_kind kind, __u64 bytes, __u64 ns)
{
	struct account_key key = {.owner = OWNER(kind, 0), .phase = state->now};
	struct cost cost = {.zero_timed_bytes = bytes, .zero_ns = ns};

	if (kind) {
		account(&key, &cost);
		return;
	}
	state->fault.zero_timed_bytes += bytes;
	state->fault.zero_ns += ns;
}

/* An interrupt's allocation on top of this task: it can't wait, and user memory is never asked for like that. */
static __always_inline bool is_interrupts(__u32 gfp)
{
	return !(gfp & (GFP_DIRECT_RECLAIM | GFP_HIGHMEM));
}

/*
 * What a zeroed allocation is for. Page tables: GFP_PGTABLE_USER (include/asm-generic/pgalloc.h); little else asks for
 * a zeroed page that is charged to its cgroup.
 */
static __always_inline enum owner_kind zeroed_for(__u32 gfp, __u32 order)
{
	if (gfp & GFP_HIGHMEM)
		return OWNER_NONE;
	return !order && gfp & GFP_ZERO && gfp & GFP_ACCOUNT ? OWNER_KERNEL_PAGE_TABLE : OWNER_KERNEL_OTHER;
}

/*
 * A page for user memory comes or came in this fault: with or without zeroes tells why it came (cause.h). If there is
 * none, in one whose beginning was missed.
 */
static __always_inline void allocation_seen(struct task_state *state, __u32 gfp, __u32 order)
{
	if (!(gfp & GFP_HIGHMEM))
		return;
	state->error |= gfp & GFP_ZERO ? FAULT_ZEROED : FAULT_ALLOCATED;
	if (order > state->order)
		state->order = order;
}

/*
 * Is a page that comes in the fault under way one of shared memory, or of a file in memory? A write to a private
 * mapping of such a file gets a page for the copy first, and then, if the file has none yet, the page that is copied.
 */
static __always_inline bool is_shared_page(const struct task_state *state, bool first)
{
	__u32 owner = state->place.key.owner, kind = OWNER_KIND(owner);

	if (kind == OWNER_SHARED)
		return true;
	if ((kind != OWNER_FILE && kind != OWNER_FILE_PRIVATE) ||
	    !object_is_marked(objects_in_memory, OWNER_OBJECT(owner)))
		return false;
	return kind == OWNER_FILE || !first || !(state->error & FAULT_WRITE);
}

/*
 * The page allocator handed out 2^order pages to the current task, the first of which is `frame`, if it matters. ns:
 * how long that took, 0: not timed.
 */
static __always_inline void page_allocated(struct task_state *state, __u64 frame, __u32 gfp, __u32 order, __u64 ns)
{
	__u64 bytes = PAGE_SIZE << (order & 15);
	bool first = !(state->error & FAULT_ALLOCATED);

	if (is_interrupts(gfp))
		return;
	allocation_seen(state, gfp, order);
	if (gfp & GFP_ZERO || init_on_alloc) {
		if (gfp & GFP_HIGHMEM && frame != NO_FRAME)
			frames_cleared(state, frame, bytes >> PAGE_SHIFT);
		zeroed(state, zeroed_for(gfp, order), bytes, ns);
	} else if (gfp & GFP_HIGHMEM && state->pending && OWNER_KIND(state->place.key.owner) != OWNER_CALL) {
		/* Cleared by whoever allocated it, which is not seen: shared memory, huge folios for user memory. */
		if (is_shared_page(state, first))
			zero_user(state, bytes, 0);
		else if (order && !huge_hooked) {
			state->huge_bytes += bytes;
			large_zeroed(state, bytes);
		}
	} else if (gfp & GFP_HIGHMEM && order && !huge_hooked) {
		/* Whose they are is known at the call's end. */
		if (state->pending)
			state->call_huge_bytes += bytes;
		else
			state->huge_bytes += bytes;
	} else if (gfp & GFP_HIGHMEM && !order) {
		state->call_single_bytes += bytes;
	}
}

/* A single page was taken for a call's (above), and is shared memory's whose fault's beginning was missed. */
static __always_inline void shared_page_is_faults(struct task_state *state)
{
	if (init_on_alloc || !(state->error & FAULT_ALLOCATED) || state->order || state->call_single_bytes < PAGE_SIZE)
		return;
	state->call_single_bytes -= PAGE_SIZE;
	zero_user(state, PAGE_SIZE, 0);
}

/*
 * Two programs are at an allocation, and either is skipped at times. The begin notes what is asked for; the end counts
 * what was given, and takes the note away. A note that is left is of an allocation whose end was skipped: it is counted
 * by whatever hook comes next, as if it had been given, which it nearly always is.
 */
static __always_inline void allocation_asked(struct task_state *state, __u32 gfp, __u32 order)
{
	if (is_interrupts(gfp))
		return;
	if (state->asked_gfp)
		allocation_recover();
	state->asked_gfp = gfp;
	state->asked_order = order;
	state->alloc_begin_ns = timing ? bpf_ktime_get_ns() : 0;
}

/* How long it took; 0 when that was not timed. */
static __always_inline __u64 alloc_end(struct task_state *state)
{
	__u64 ns = state->alloc_begin_ns ? bpf_ktime_get_ns() - state->alloc_begin_ns : 0;

	state->alloc_begin_ns = 0;
	return ns;
}

static __always_inline void allocation_given(struct task_state *state, __u64 page, __u32 gfp, __u32 order)
{
	__u64 ns;

	if (is_interrupts(gfp))
		return;
	state->asked_gfp = 0;
	ns = alloc_end(state);
	if (page)
		page_allocated(state, order ? FRAME_OF_PAGE(page) : NO_FRAME, gfp, order, ns);
}

__noinline int allocation_recover(void)
{
	struct task_state *state = task_known();
	__u32 gfp;

	if (!state || !state->asked_gfp)
		return 0;
	gfp = state->asked_gfp;
	state->asked_gfp = 0;
	state->alloc_begin_ns = 0;
	page_allocated(state, NO_FRAME, gfp, state->asked_order, 0);
	return 0;
}

/* folio_order(): 0 for a single page; else the low byte of the second page's flags. */
static __always_inline __u64 folio_bytes(struct folio *folio)
{
	unsigned long flags = 0;
	__u32 order = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), folio); /* its first word; a struct of its own from 6.18 on */
	if (flags & (1UL << bpf_core_enum_value(enum pageflags, PG_head)))
		order = BPF_CORE_READ(folio, _flags_1) & 0xff;
	return PAGE_SIZE << (order & 31);
}

#endif
