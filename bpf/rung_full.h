/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The full rung: fentry and fexit of handle_mm_fault see every fault, get_user_pages' too, with its VMA; those of
 * get_page_from_freelist and of the huge-folio clearing function see every zeroed page with the time it took.
 */
#ifndef HAKMEM_BPF_RUNG_FULL_H
#define HAKMEM_BPF_RUNG_FULL_H

#include "zeroing.h"

SEC("fentry/handle_mm_fault")
int BPF_PROG(
    full_fault_begin, struct vm_area_struct *vma, unsigned long address, unsigned int flags, struct pt_regs *regs)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = task_traced();
	struct vma_facts facts;

	if (!state)
		return 0;
	fault_begin(task, state, address);
	state->populating = !regs;
	if (vma->vm_mm != task->mm) {
		/* get_user_pages_remote: exec's argument strings on the stack to be, or another process's memory. */
		bool exec = vma->vm_flags & VM_GROWSDOWN;

		state->given_owner = OWNER(exec ? OWNER_STACK_MAIN : OWNER_KERNEL_OTHER, 0);
		return 0;
	}
	if (state->populating && maps_memory(state->call)) {
		state->given_owner = OWNER(OWNER_CALL, 0);
		return 0;
	}
	if (!table_find(state->space, address)) {
		vma_read(vma, &facts);
		if (!(facts.flags & VM_GROWSDOWN))
			vma_enter(state->space, facts.start, facts.end, facts.flags, facts.file);
	}
	return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(full_fault_end, struct vm_area_struct *vma, unsigned long address, unsigned int flags,
    struct pt_regs *regs, unsigned int result)
{
	struct task_state *state = task_traced();
	__u64 end_ns = bpf_ktime_get_ns();

	if (!state)
		return 0;
	if (!state->pending) {
		/*
		 * Its fentry program was skipped: a task that was preempted inside the same program held it (the
		 * trampoline's recursion guard is per CPU). The fault counts all the same, untimed.
		 */
		state->address = address;
		state->populating = !regs;
		state->pending = 1;
		end_ns = 0;
	}
	settle(bpf_get_current_task_btf(), state, end_ns);
	return 0;
}

static __always_inline void alloc_begin(void)
{
	struct task_state *state = task_traced();

	if (state) {
		state->alloc_pending = 1;
		state->alloc_begin_ns = bpf_ktime_get_ns();
	}
}

static __always_inline __u64 alloc_end(struct task_state *state)
{
	__u64 ns = state->alloc_pending ? bpf_ktime_get_ns() - state->alloc_begin_ns : 0;

	state->alloc_pending = 0;
	return ns;
}

SEC("fentry/get_page_from_freelist")
int BPF_PROG(full_alloc_begin)
{
	alloc_begin();
	return 0;
}

SEC("fexit/get_page_from_freelist")
int BPF_PROG(full_alloc_end, unsigned int gfp, unsigned int order, int alloc_flags, const struct alloc_context *ac,
    struct page *page)
{
	struct task_state *state = task_traced();
	__u64 ns;

	if (!state)
		return 0;
	ns = alloc_end(state);
	if (page)
		page_allocated(state, gfp, order, ns);
	return 0;
}

/* 6.12 on; before (commit 78fefd04c123) it was clear_huge_page. */
SEC("fentry/folio_zero_user")
int BPF_PROG(full_folio_begin)
{
	alloc_begin();
	return 0;
}

SEC("fexit/folio_zero_user")
int BPF_PROG(full_folio_end, struct folio *folio)
{
	struct task_state *state = task_traced();
	unsigned long flags = 0;
	__u32 order = 0;
	__u64 ns;

	if (!state)
		return 0;
	ns = alloc_end(state);
	/* folio_order(): 0 for a single page; else the low byte of the second page's flags. */
	bpf_probe_read_kernel(&flags, sizeof(flags), folio); /* its first word; a struct of its own from 6.18 on */
	if (flags & (1UL << bpf_core_enum_value(enum pageflags, PG_head)))
		order = folio->_flags_1 & 0xff;
	zero_user(state, PAGE_SIZE << (order & 31), ns);
	return 0;
}

SEC("fentry/clear_huge_page")
int BPF_PROG(full_huge_begin)
{
	alloc_begin();
	return 0;
}

SEC("fexit/clear_huge_page")
int BPF_PROG(full_huge_end, struct page *page, unsigned long hint, unsigned int pages)
{
	struct task_state *state = task_traced();

	if (state) {
		__u64 ns = alloc_end(state);

		zero_user(state, (__u64)pages << PAGE_SHIFT, ns);
	}
	return 0;
}

#endif
