/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The full rung: fentry and fexit of handle_mm_fault see every fault, get_user_pages' too, with its VMA; those of
 * get_page_from_freelist and of the huge-folio clearing function see every zeroed page with the time it took.
 */
#ifndef HAKMEM_BPF_RUNG_FULL_H
#define HAKMEM_BPF_RUNG_FULL_H

#include "zeroing.h"

/* include/linux/mm_types.h */
#define VM_FAULT_RETRY   0x0400
#define FAULT_FLAG_WRITE 0x01

/* vma may be a mere number, as kprobes have it. */
static __always_inline void fault_entered(
    struct vm_area_struct *vma, __u64 vma_mm, unsigned long address, unsigned int flags, bool by_exception)
{
	struct task_struct *task = current_task();
	struct task_state *state = task_traced();
	struct vma_facts facts;

	if (!state)
		return;
	fault_begin(task, state, address);
	state->error = FAULT_KNOWN | (flags & FAULT_FLAG_WRITE ? FAULT_WRITE : 0);
	/* A fault that had to wait (for a page's input, or a lock) comes again: its time runs from the first try. */
	if (state->retry_begin_ns && state->begin_ns && state->retry_address == address)
		state->begin_ns = state->retry_begin_ns;
	state->retry_begin_ns = 0;
	state->populating = !by_exception;
	if (kernel_read(task, flags) & PF_DUMPCORE) {
		fault_place_given(state, OWNER(OWNER_KERNEL_CORE_DUMP, 0));
		return;
	}
	if (vma_mm != (__u64)BPF_CORE_READ(task, mm)) {
		/* get_user_pages_remote: exec's argument strings on the stack to be, or another process's memory. */
		bool exec = state->call == CALL_EXECVE || state->call == CALL_EXECVEAT;

		fault_place_given(state, OWNER(exec ? OWNER_STACK_MAIN : OWNER_KERNEL_OTHER, 0));
		return;
	}
	if (state->populating && maps_memory(state->call)) {
		fault_place_given(state, OWNER(OWNER_CALL, 0));
		return;
	}
	if (!is_known(state, address) && !table_find(state->space, address)) {
		vma_read_far(vma, &facts);
		if (!(facts.flags & VM_GROWSDOWN))
			vma_enter(state->space, &facts);
	}
	fault_place(task, state);
}

/* error: FAULT_KNOWN and what is known besides, or 0. */
static __always_inline void fault_left(unsigned long address, bool by_exception, __u32 error, unsigned int result)
{
	struct task_struct *task = current_task();
	struct task_state *state = task_traced();
	__u64 end_ns = 0;

	if (!state)
		return;
	if (state->pending) {
		if (state->begin_ns)
			end_ns = bpf_ktime_get_ns();
	} else {
		/* Settled at its event; or its fentry program was skipped (fault_event.h), then it counts untimed. */
		if (!charged_since(task, state))
			return;
		state->address = address;
		state->populating = !by_exception;
		state->pending = 1;
		fault_place(task, state);
	}
	if (!(state->error & FAULT_KNOWN))
		state->error |= error;
	if (result & VM_FAULT_RETRY && end_ns) {
		state->retry_begin_ns = state->begin_ns;
		state->retry_address = address;
	}
	settle(task, state, end_ns);
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(
    full_fault_begin, struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs)
{
	fault_entered(vma, (__u64)vma->vm_mm, address, flags, regs);
	return 0;
}

/* A write to a page that is there. Without a fault under way, whose beginning was missed (fault_event.h). */
SEC("fentry/do_wp_page")
int BPF_PROG(full_fault_wp)
{
	struct task_state *state = task_traced();

	if (state)
		state->error |= FAULT_PRESENT;
	return 0;
}

SEC("fentry/do_huge_pmd_wp_page")
int BPF_PROG(full_fault_huge_wp)
{
	struct task_state *state = task_traced();

	if (state)
		state->error |= FAULT_PRESENT;
	return 0;
}

/* include/linux/swap.h: types from here on stand for pages that migrate, are poisoned, or belong to a device. */
#define MAX_SWAPFILES  23
#define SWAP_TYPE(pte) ((pte) >> 59) /* arch/x86/include/asm/pgtable_64.h, __swp_type() */

SEC("fentry/do_swap_page")
int BPF_PROG(full_fault_swap, struct vm_fault *fault)
{
	struct task_state *state = task_traced();

	if (state && state->pending && SWAP_TYPE(BPF_CORE_READ(fault, orig_pte.pte)) < MAX_SWAPFILES)
		state->error |= FAULT_SWAP;
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(full_fault_end, struct vm_area_struct *vma, unsigned long address, unsigned int flags,
    struct pt_regs *regs, unsigned int result)
{
	fault_left(address, regs, FAULT_KNOWN | (flags & FAULT_FLAG_WRITE ? FAULT_WRITE : 0), result);
	return 0;
}

SEC("fentry/get_page_from_freelist")
int BPF_PROG(full_zero_alloc_begin, unsigned int gfp, unsigned int order)
{
	struct task_state *state = task_traced();

	if (state)
		allocation_asked(state, gfp, order);
	return 0;
}

SEC("fexit/get_page_from_freelist")
int BPF_PROG(full_zero_alloc_end, unsigned int gfp, unsigned int order, int alloc_flags, const struct alloc_context *ac,
    struct page *page)
{
	struct task_state *state = task_traced();

	if (!state)
		return 0;
	/* Where a single page lies does not matter, and to find out takes a call. */
	allocation_given(state, order ? as_number(page) : !!page, gfp, order);
	return 0;
}

/* A huge folio's clearing is counted by its begin, or by its end if that was skipped. */
static __always_inline void huge_cleared(struct task_state *state, __u64 page, __u64 bytes)
{
	frames_cleared(state, FRAME_OF_PAGE(page), bytes >> PAGE_SHIFT);
	zero_user(state, bytes, 0);
}

static __always_inline void huge_begins(__u64 page, __u64 bytes)
{
	struct task_state *state = task_traced();

	if (!state)
		return;
	huge_cleared(state, page, bytes);
	state->clearing_counted = 1;
	state->alloc_begin_ns = timing ? bpf_ktime_get_ns() : 0;
}

static __always_inline void huge_ends(__u64 page, __u64 bytes)
{
	struct task_state *state = task_traced();
	__u64 ns;

	if (!state)
		return;
	ns = alloc_end(state);
	if (!state->clearing_counted)
		huge_cleared(state, page, bytes);
	else if (ns)
		zeroed_in(state, OWNER_NONE, bytes, ns);
	state->clearing_counted = 0;
}

/* 6.12 on; before (commit 78fefd04c123) it was clear_huge_page. */
SEC("fentry/folio_zero_user")
int BPF_PROG(full_zero_folio_begin, struct folio *folio)
{
	huge_begins(as_number(folio), folio_bytes(folio));
	return 0;
}

SEC("fexit/folio_zero_user")
int BPF_PROG(full_zero_folio_end, struct folio *folio)
{
	huge_ends(as_number(folio), folio_bytes(folio));
	return 0;
}

SEC("fentry/clear_huge_page")
int BPF_PROG(full_zero_huge_begin, struct page *page, unsigned long hint, unsigned int pages)
{
	huge_begins(as_number(page), (__u64)pages << PAGE_SHIFT);
	return 0;
}

SEC("fexit/clear_huge_page")
int BPF_PROG(full_zero_huge_end, struct page *page, unsigned long hint, unsigned int pages)
{
	huge_ends(as_number(page), (__u64)pages << PAGE_SHIFT);
	return 0;
}

#endif
