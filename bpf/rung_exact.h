/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The exact rung for zeroing: kprobes at each place in the kernel where a page is cleared, and just behind it. The
 * clearing function itself cannot be probed (it is notrace), and from 7.0 on there is none: it is inlined. The loader
 * finds the places in kernel text (loader/trace/clear_sites.h) and attaches one program each, by what is known there:
 *   a page's address; an address and a length; or the arguments of post_alloc_hook(), where that can't be probed
 * inside.
 */
#ifndef HAKMEM_BPF_RUNG_EXACT_H
#define HAKMEM_BPF_RUNG_EXACT_H

#include "zeroing.h"

/* What the page allocator is asked for tells user pages from page tables and the kernel's own. */
SEC("kprobe")
int exact_zero_gfp(struct pt_regs *regs)
{
	struct task_state *state = task_traced();

	if (state) {
		state->alloc_gfp = regs->di;
		allocation_seen(state, regs->di, regs->si);
	}
	return 0;
}

#define FRAME_OF_ADDRESS(address) (((address)-direct_map) >> PAGE_SHIFT)

static __always_inline void clearing_begin(struct task_state *state, enum owner_kind kind, __u64 bytes)
{
	state->clearing_kind = kind;
	state->clearing_bytes = bytes;
	state->alloc_begin_ns = timing ? bpf_ktime_get_ns() : 0;
	zeroed(state, kind, bytes, 0);
}

static __always_inline void site_begin(struct task_state *state, enum owner_kind kind, __u64 frame, __u64 bytes)
{
	if (!kind)
		frames_cleared(state, frame, bytes >> PAGE_SHIFT);
	clearing_begin(state, kind, bytes);
}

static __always_inline void site_in_allocator(__u64 address, __u64 bytes)
{
	struct task_state *state = task_traced();

	if (state && !is_interrupts(state->alloc_gfp)) {
		enum owner_kind kind = zeroed_for(state->alloc_gfp, bytes > PAGE_SIZE);

		site_begin(state, kind, FRAME_OF_ADDRESS(address), bytes);
	}
}

static __always_inline void site_elsewhere(__u64 frame, __u64 bytes)
{
	struct task_state *state = task_traced();

	if (state)
		site_begin(state, OWNER_NONE, frame, bytes);
}

/* In the page allocator: clear_page_*(address). */
SEC("kprobe")
int exact_zero_alloc_page(struct pt_regs *regs)
{
	site_in_allocator(regs->di, PAGE_SIZE);
	return 0;
}

/* In the page allocator, inlined: address in rdi, bytes in rcx. */
SEC("kprobe")
int exact_zero_alloc_range(struct pt_regs *regs)
{
	site_in_allocator(regs->di, regs->cx);
	return 0;
}

/* post_alloc_hook(page, order, gfp, flags), or prep_new_page(): it clears if that was asked for. */
SEC("kprobe")
int exact_zero_alloc_call(struct pt_regs *regs)
{
	struct task_state *state = task_traced();
	__u32 gfp = regs->dx, order = regs->si;

	if (state && !is_interrupts(gfp) && (gfp & GFP_ZERO || init_on_alloc))
		site_begin(state, zeroed_for(gfp, order), FRAME_OF_PAGE(regs->di), PAGE_SIZE << (order & 15));
	return 0;
}

/* Elsewhere it is user memory: shared memory, copy-on-write of the zero page. */
SEC("kprobe")
int exact_zero_page(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_ADDRESS(regs->di), PAGE_SIZE);
	return 0;
}

SEC("kprobe")
int exact_zero_range(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_ADDRESS(regs->di), regs->cx);
	return 0;
}

static __always_inline void site_end(void)
{
	struct task_state *state = task_traced();

	if (!state || !state->alloc_begin_ns)
		return;
	zeroed_in(state, state->clearing_kind, state->clearing_bytes, bpf_ktime_get_ns() - state->alloc_begin_ns);
	state->alloc_begin_ns = 0;
}

/* Behind any of them. */
SEC("kprobe")
int exact_zero_end(struct pt_regs *regs)
{
	site_end();
	return 0;
}

/*
 * A huge page is cleared page by page, in several loops. Its bytes are known when that begins, so two probes do instead
 * of a thousand.
 */
SEC("kprobe/folio_zero_user")
int exact_zero_folio_begin(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_PAGE(regs->di), folio_bytes((void *)regs->di));
	return 0;
}

SEC("kretprobe/folio_zero_user")
int exact_zero_folio_end(struct pt_regs *regs)
{
	site_end();
	return 0;
}

/* Up to 6.11 (commit 78fefd04c123): clear_huge_page(page, address_hint, pages). */
SEC("kprobe/clear_huge_page")
int exact_zero_huge_begin(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_PAGE(regs->di), (regs->dx & 0xffffffff) << PAGE_SHIFT);
	return 0;
}

SEC("kretprobe/clear_huge_page")
int exact_zero_huge_end(struct pt_regs *regs)
{
	site_end();
	return 0;
}

#endif
