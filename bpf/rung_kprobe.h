/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The kprobe rung: the full rung's hooks as kprobes and kretprobes, for kernels whose functions can be probed but not
 * be trampolined (fentry). Arguments are gone when a function returns, so what matters of them waits in the task's
 * state.
 */
#ifndef HAKMEM_BPF_RUNG_KPROBE_H
#define HAKMEM_BPF_RUNG_KPROBE_H

#include "rung_exact.h"
#include "rung_full.h"

/* What kind of fault the pending one turned out to be. */
static __always_inline void fault_told(__u32 error)
{
	struct task_state *state = task_traced();

	if (state && state->pending)
		state->error |= error;
}

SEC("kprobe/handle_mm_fault")
int kprobe_fault_begin(struct pt_regs *regs)
{
	struct vm_area_struct *vma = (void *)regs->di;

	fault_entered(vma, (__u64)BPF_CORE_READ(vma, vm_mm), regs->si, regs->dx, regs->cx);
	return 0;
}

SEC("kprobe/do_wp_page")
int kprobe_fault_wp(struct pt_regs *regs)
{
	fault_told(FAULT_PRESENT);
	return 0;
}

SEC("kprobe/do_huge_pmd_wp_page")
int kprobe_fault_huge_wp(struct pt_regs *regs)
{
	fault_told(FAULT_PRESENT);
	return 0;
}

SEC("kprobe/do_swap_page")
int kprobe_fault_swap(struct pt_regs *regs)
{
	struct vm_fault *fault = (void *)regs->di;

	if (SWAP_TYPE(BPF_CORE_READ(fault, orig_pte.pte)) < MAX_SWAPFILES)
		fault_told(FAULT_SWAP);
	return 0;
}

SEC("kretprobe/handle_mm_fault")
int kprobe_fault_end(struct pt_regs *regs)
{
	struct task_state *state = task_traced();

	/* A fault whose begin was missed is left to the next hook, which settles it. */
	if (state && state->pending)
		fault_left(state->address, !state->populating, 0, regs->ax);
	return 0;
}

SEC("kprobe/get_page_from_freelist")
int kprobe_zero_alloc_begin(struct pt_regs *regs)
{
	struct task_state *state = task_traced();

	if (state)
		allocation_asked(state, regs->di, regs->si);
	return 0;
}

SEC("kretprobe/get_page_from_freelist")
int kprobe_zero_alloc_end(struct pt_regs *regs)
{
	struct task_state *state = task_traced();

	if (state && state->asked_gfp)
		allocation_given(state, regs->ax, state->asked_gfp, state->asked_order);
	return 0;
}

/* As on the exact rung. */
SEC("kprobe/folio_zero_user")
int kprobe_zero_folio_begin(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_PAGE(regs->di), folio_bytes((void *)regs->di));
	return 0;
}

SEC("kretprobe/folio_zero_user")
int kprobe_zero_folio_end(struct pt_regs *regs)
{
	site_end();
	return 0;
}

SEC("kprobe/clear_huge_page")
int kprobe_zero_huge_begin(struct pt_regs *regs)
{
	site_elsewhere(FRAME_OF_PAGE(regs->di), (regs->dx & 0xffffffff) << PAGE_SHIFT);
	return 0;
}

SEC("kretprobe/clear_huge_page")
int kprobe_zero_huge_end(struct pt_regs *regs)
{
	site_end();
	return 0;
}

#endif
