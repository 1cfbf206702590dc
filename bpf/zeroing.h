/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Zeroed pages, from whichever hook saw them. Inside a fault they wait for its region; page tables and the kernel's own
 * pages are the kernel's at once; the rest waits for the end of the system call.
 */
#ifndef HAKMEM_BPF_ZEROING_H
#define HAKMEM_BPF_ZEROING_H

#include "task.h"

static __always_inline void zero_kernel(enum owner_kind kind, __u64 bytes, __u64 ns)
{
	struct cost cost = {.zeroed_bytes = bytes, .zero_events = 1, .zero_timed_bytes = ns ? bytes : 0, .zero_ns = ns};

	account(OWNER(kind, 0), 0, &cost);
}

static __always_inline void zero_add(struct cost *cost, __u64 bytes, __u64 ns)
{
	cost->zeroed_bytes += bytes;
	cost->zero_events++;
	if (ns) {
		cost->zero_timed_bytes += bytes;
		cost->zero_ns += ns;
	}
}

static __always_inline void zero_user(struct task_state *state, __u64 bytes, __u64 ns)
{
	zero_add(state->pending ? &state->fault : &state->extra, bytes, ns);
}

/* GFP_PGTABLE_USER (include/asm-generic/pgalloc.h); little else asks for a zeroed page that is charged to its cgroup.
 */
static __always_inline bool is_page_table(__u32 gfp, __u32 order)
{
	return !order && gfp & GFP_ZERO && gfp & GFP_ACCOUNT;
}

/* The page allocator handed out 2^order pages to the current task. ns: how long that took,
 * 0: not timed. */
static __always_inline void page_allocated(struct task_state *state, __u32 gfp, __u32 order, __u64 ns)
{
	__u64 bytes = PAGE_SIZE << (order & 15);
	bool asked = gfp & GFP_ZERO;

	/* An interrupt's allocation on top of this task: it can't wait, and user memory is never asked for like that.
	 */
	if (!(gfp & (GFP_DIRECT_RECLAIM | GFP_HIGHMEM)))
		return;
	if (!asked && !init_on_alloc) {
		/* A huge folio for user memory is cleared by its caller. */
		if (order && gfp & GFP_HIGHMEM && state->pending && !huge_hooked)
			state->huge_bytes += bytes;
		return;
	}
	if (gfp & GFP_HIGHMEM)
		zero_user(state, bytes, ns);
	else
		zero_kernel(is_page_table(gfp, order) ? OWNER_KERNEL_PAGE_TABLE : OWNER_KERNEL_OTHER, bytes, ns);
}

#endif
