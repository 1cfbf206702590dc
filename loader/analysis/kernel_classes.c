// SPDX-License-Identifier: MIT
/*
 * The table of kernel functions by what they do, for kernels from 5.10 to 7.x. A stack is walked from where the sample
 * lies outwards; the first function that is in the table decides, so a memcpy or a lock belongs to whoever called it.
 */
#include "analysis/kernel_classes.h"

#include <stdio.h>
#include <string.h>

enum where {
	ANYWHERE,
	ITSELF, /* its own code was running, and not that of a function it called */
};

struct pattern {
	const char *name; /* with * at the end: a prefix */
	enum where where;
	enum time_class class;
};

/* The first that fits. */
static const struct pattern patterns[] = {
    /* Clearing whole pages. The string instructions themselves, which may be interrupted anywhere: */
    {"clear_page_erms", ANYWHERE, TIME_ZEROING}, /* up to 6.19: one of three, by what the CPU can do */
    {"clear_page_rep", ANYWHERE, TIME_ZEROING},
    {"clear_page_orig", ANYWHERE, TIME_ZEROING},
    /* From 7.0 on the instruction is part of its callers. Those that do nothing else: */
    {"clear_pages", ANYWHERE, TIME_ZEROING},
    {"kernel_init_pages", ANYWHERE, TIME_ZEROING},            /* page allocation, asked for zeroes */
    {"kernel_init_free_pages", ANYWHERE, TIME_ZEROING},       /* its older name */
    {"clear_highpages_kasan_tagged", ANYWHERE, TIME_ZEROING}, /* its newer one */
    {"folio_zero_user", ANYWHERE, TIME_ZEROING},              /* huge folios */
    {"clear_huge_page", ANYWHERE, TIME_ZEROING},              /* its older name */
    {"clear_subpage", ANYWHERE, TIME_ZEROING},
    {"clear_gigantic_page", ANYWHERE, TIME_ZEROING}, /* hugetlb */
    {"clear_contig_highpages", ANYWHERE, TIME_ZEROING},
    {"clear_user_highpage*", ANYWHERE, TIME_ZEROING},
    {"clear_highpage*", ANYWHERE, TIME_ZEROING},

    /* Copying whole pages, for copy-on-write. */
    {"copy_page", ANYWHERE, TIME_PAGE_COPY},
    {"copy_page_regs", ANYWHERE, TIME_PAGE_COPY},
    {"copy_mc_enhanced_fast_string", ANYWHERE, TIME_PAGE_COPY}, /* copies that survive bad memory, from 6.1 on */
    {"copy_mc_fragile", ANYWHERE, TIME_PAGE_COPY},
    {"copy_mc_user_highpage", ANYWHERE, TIME_PAGE_COPY},
    {"copy_user_highpage", ANYWHERE, TIME_PAGE_COPY},
    {"copy_user_huge_page", ANYWHERE, TIME_PAGE_COPY},
    {"copy_user_large_folio", ANYWHERE, TIME_PAGE_COPY},
    {"copy_subpage", ANYWHERE, TIME_PAGE_COPY},
    {"__wp_page_copy_user", ANYWHERE, TIME_PAGE_COPY},
    {"cow_user_page", ANYWHERE, TIME_PAGE_COPY},

    /* TLBs: of this CPU, and the call to others with the wait for them; native and by a hypervisor's help. */
    {"flush_tlb_*", ANYWHERE, TIME_TLB},
    {"native_flush_tlb_*", ANYWHERE, TIME_TLB},
    {"kvm_flush_tlb_*", ANYWHERE, TIME_TLB},
    {"pvm_flush_tlb_*", ANYWHERE, TIME_TLB},
    {"xen_flush_tlb_*", ANYWHERE, TIME_TLB},
    {"hyperv_flush_tlb_*", ANYWHERE, TIME_TLB},
    {"__flush_tlb_*", ANYWHERE, TIME_TLB},
    {"broadcast_*_flush*", ANYWHERE, TIME_TLB},
    {"arch_tlbbatch_flush", ANYWHERE, TIME_TLB},
    {"try_to_unmap_flush*", ANYWHERE, TIME_TLB},
    {"tlb_flush_mmu_tlbonly", ANYWHERE, TIME_TLB},
    {"tlb_remove_table_sync_one", ANYWHERE, TIME_TLB}, /* page tables must not be walked any more */
    {"tlb_remove_table_smp_sync", ANYWHERE, TIME_TLB},

    /* BPF programs, tracepoints with a listener, uprobes; perf events, this sampling's own among them. */
    {"bpf_prog_*", ANYWHERE, TIME_TRACING},
    {"bpf_trace_run*", ANYWHERE, TIME_TRACING},
    {"bpf_trampoline_*", ANYWHERE, TIME_TRACING},
    {"__bpf_trace_*", ANYWHERE, TIME_TRACING},
    {"__bpf_prog_enter*", ANYWHERE, TIME_TRACING},
    {"__bpf_prog_exit*", ANYWHERE, TIME_TRACING},
    {"trace_call_bpf", ANYWHERE, TIME_TRACING},
    {"__traceiter_*", ANYWHERE, TIME_TRACING},
    {"trace_event_*", ANYWHERE, TIME_TRACING},
    {"ftrace_*", ANYWHERE, TIME_TRACING},
    {"kprobe_*", ANYWHERE, TIME_TRACING},
    {"handle_swbp", ANYWHERE, TIME_TRACING}, /* a uprobe was hit */
    {"uprobe_notify_resume", ANYWHERE, TIME_TRACING},
    {"perf_*", ANYWHERE, TIME_TRACING},
    {"__perf_*", ANYWHERE, TIME_TRACING},
    {"___perf_*", ANYWHERE, TIME_TRACING},

    /* The way into an interrupt, and soft interrupts, wherever they run. What they interrupted lies further out. */
    {"asm_sysvec_*", ANYWHERE, TIME_INTERRUPT},
    {"sysvec_*", ANYWHERE, TIME_INTERRUPT},
    {"asm_common_interrupt", ANYWHERE, TIME_INTERRUPT},
    {"common_interrupt", ANYWHERE, TIME_INTERRUPT},
    {"asm_exc_nmi", ANYWHERE, TIME_INTERRUPT},
    {"handle_softirqs", ANYWHERE, TIME_INTERRUPT}, /* __do_softirq in newer kernels */
    {"__do_softirq", ANYWHERE, TIME_INTERRUPT},
    {"do_softirq", ANYWHERE, TIME_INTERRUPT},
    {"irq_exit_rcu", ANYWHERE, TIME_INTERRUPT},
    {"asm_call_irq_on_stack", ANYWHERE, TIME_INTERRUPT}, /* 5.10 */
    {"asm_call_sysvec_on_stack", ANYWHERE, TIME_INTERRUPT},

    /* Giving up the CPU, getting it, waking others. */
    {"schedule", ANYWHERE, TIME_SCHEDULER},
    {"__schedule", ANYWHERE, TIME_SCHEDULER},
    {"schedule_*", ANYWHERE, TIME_SCHEDULER}, /* schedule_tail, schedule_timeout, ... */
    {"preempt_schedule*", ANYWHERE, TIME_SCHEDULER},
    {"io_schedule*", ANYWHERE, TIME_SCHEDULER},
    {"do_sched_yield", ANYWHERE, TIME_SCHEDULER},
    {"finish_task_switch", ANYWHERE, TIME_SCHEDULER},
    {"__switch_to*", ANYWHERE, TIME_SCHEDULER},
    {"switch_mm_irqs_off", ANYWHERE, TIME_SCHEDULER},
    {"try_to_wake_up", ANYWHERE, TIME_SCHEDULER},
    {"wake_up_q", ANYWHERE, TIME_SCHEDULER},
    {"wake_up_new_task", ANYWHERE, TIME_SCHEDULER},
    {"default_wake_function", ANYWHERE, TIME_SCHEDULER},
    {"sched_exec", ANYWHERE, TIME_SCHEDULER}, /* exec may go on on another CPU */

    /* Free pages, and whom they are charged to. Includes reclaim when there are none. */
    {"get_page_from_freelist", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"__alloc_pages*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"__alloc_frozen_pages*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"alloc_pages*", ANYWHERE, TIME_PAGE_ALLOCATION}, /* alloc_pages_vma of 5.10, alloc_pages_mpol from 6.7 on */
    {"alloc_anon_folio", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"vma_alloc_folio*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"folio_alloc", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"folio_alloc_noprof", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"folio_alloc_mpol*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"__folio_alloc*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"post_alloc_hook", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"prep_new_page", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"rmqueue*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"mem_cgroup_charge", ANYWHERE, TIME_PAGE_ALLOCATION}, /* 5.10 */
    {"__mem_cgroup_charge", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"charge_memcg", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"try_charge*", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"get_mem_cgroup_from_mm", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"__folio_throttle_swaprate", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"cgroup_throttle_swaprate", ANYWHERE, TIME_PAGE_ALLOCATION},
    {"__cgroup_throttle_swaprate", ANYWHERE, TIME_PAGE_ALLOCATION},

    /* Handling a fault, be it by an exception or for get_user_pages (populate, mlock). */
    {"handle_mm_fault", ANYWHERE, TIME_PAGE_TABLE},
    {"__handle_mm_fault", ANYWHERE, TIME_PAGE_TABLE},
    {"hugetlb_fault", ANYWHERE, TIME_PAGE_TABLE},
    {"lock_vma_under_rcu", ANYWHERE, TIME_PAGE_TABLE}, /* find the mapping: from 6.4 on */
    {"lock_mm_and_find_vma", ANYWHERE, TIME_PAGE_TABLE},
    {"faultin_page", ANYWHERE, TIME_PAGE_TABLE},
    {"__get_user_pages", ANYWHERE, TIME_PAGE_TABLE},
    {"populate_vma_page_range", ANYWHERE, TIME_PAGE_TABLE},
    {"faultin_page_range", ANYWHERE, TIME_PAGE_TABLE}, /* MADV_POPULATE_WRITE */
    {"faultin_vma_page_range", ANYWHERE, TIME_PAGE_TABLE},

    /* The exception itself. Interrupts go on again in the first of these; before that no clock's sample is taken. */
    {"exc_page_fault", ITSELF, TIME_FAULT_ENTRY},
    {"do_user_addr_fault", ITSELF, TIME_FAULT_ENTRY},
    {"handle_page_fault", ITSELF, TIME_FAULT_ENTRY},
    {"exc_page_fault", ANYWHERE, TIME_PAGE_TABLE}, /* what it calls that nothing above knows */
    {"do_user_addr_fault", ANYWHERE, TIME_PAGE_TABLE},
    {"handle_page_fault", ANYWHERE, TIME_PAGE_TABLE},

    /* On the way back to user space there may be signals and deferred work, which are neither entry nor exit. */
    {"arch_do_signal_or_restart", ANYWHERE, TIME_KERNEL_OTHER},
    {"task_work_run", ANYWHERE, TIME_KERNEL_OTHER},
    {"exit_to_user_mode_loop", ANYWHERE, TIME_KERNEL_OTHER},

    {"asm_exc_page_fault", ANYWHERE, TIME_FAULT_ENTRY}, /* with error_entry, sync_regs, mitigations below it */
    {"error_entry", ANYWHERE, TIME_FAULT_ENTRY},
    {"error_return", ANYWHERE, TIME_FAULT_ENTRY},
    {"swapgs_restore_regs_and_return_to_usermode", ANYWHERE, TIME_FAULT_ENTRY}, /* also other exceptions' */
    {"common_interrupt_return", ANYWHERE, TIME_FAULT_ENTRY},                    /* the same, under its newer name */
    {"native_irq_return_iret", ANYWHERE, TIME_FAULT_ENTRY},
    {"native_iret", ANYWHERE, TIME_FAULT_ENTRY},
    {"entry_untrain_ret", ITSELF, TIME_FAULT_ENTRY}, /* mitigations at entry, if no caller is known */

    /* System calls by name: struct call below. Here: their entry and exit. */
    {"syscall_exit_work", ANYWHERE, TIME_CALL_ENTRY},
    {"syscall_trace_enter", ANYWHERE, TIME_CALL_ENTRY},
    {"syscall_enter_from_user_mode*", ANYWHERE, TIME_CALL_ENTRY},
    {"syscall_exit_to_user_mode*", ANYWHERE, TIME_CALL_ENTRY},
    {"exit_to_user_mode_prepare", ANYWHERE, TIME_CALL_ENTRY},
    {"do_syscall_64", ITSELF, TIME_CALL_ENTRY},
    {"x64_sys_call", ITSELF, TIME_CALL_ENTRY},
    {"ia32_sys_call", ITSELF, TIME_CALL_ENTRY},
    {"do_fast_syscall_32", ITSELF, TIME_CALL_ENTRY},
    {"do_int80_*", ITSELF, TIME_CALL_ENTRY},
    {"__do_fast_syscall_32", ITSELF, TIME_CALL_ENTRY},
    {"entry_SYSCALL_*", ITSELF, TIME_CALL_ENTRY},
    {"entry_SYSRETQ_*", ITSELF, TIME_CALL_ENTRY},
    {"syscall_return_via_sysret", ITSELF, TIME_CALL_ENTRY},
    {"entry_SYSENTER_*", ITSELF, TIME_CALL_ENTRY},
    {"entry_INT80_*", ITSELF, TIME_CALL_ENTRY},

    /* Ends of tasks that no system call asked for, and a new task's first steps. */
    {"do_exit", ANYWHERE, TIME_PROCESS},
    {"do_group_exit", ANYWHERE, TIME_PROCESS},
    {"ret_from_fork*", ANYWHERE, TIME_PROCESS},
};

/* System calls that have a class of their own; the rest is TIME_CALL. */
static const struct pattern calls[] = {
    {"mmap*", ANYWHERE, TIME_MAPPING},
    {"munmap", ANYWHERE, TIME_MAPPING},
    {"mremap", ANYWHERE, TIME_MAPPING},
    {"madvise", ANYWHERE, TIME_MAPPING},
    {"process_madvise", ANYWHERE, TIME_MAPPING},
    {"mprotect", ANYWHERE, TIME_MAPPING},
    {"pkey_mprotect", ANYWHERE, TIME_MAPPING},
    {"brk", ANYWHERE, TIME_MAPPING},
    {"mlock*", ANYWHERE, TIME_MAPPING},
    {"munlock*", ANYWHERE, TIME_MAPPING},
    {"remap_file_pages", ANYWHERE, TIME_MAPPING},
    {"shmat", ANYWHERE, TIME_MAPPING},
    {"shmdt", ANYWHERE, TIME_MAPPING},
    {"fork", ANYWHERE, TIME_PROCESS},
    {"vfork", ANYWHERE, TIME_PROCESS},
    {"clone", ANYWHERE, TIME_PROCESS},
    {"clone3", ANYWHERE, TIME_PROCESS},
    {"execve*", ANYWHERE, TIME_PROCESS},
    {"exit", ANYWHERE, TIME_PROCESS},
    {"exit_group", ANYWHERE, TIME_PROCESS},
    {"sched_yield", ANYWHERE, TIME_SCHEDULER},
};

/*
 * The compiler may let a system call's function jump to its last callee, which then stands for it on the stack. And
 * what is like a system call, but nobody asked for it.
 */
static const struct {
	const char *function, *call;
} stand_ins[] = {
    {"vm_mmap_pgoff", "mmap"},
    {"__vm_munmap", "munmap"},
    {"do_madvise", "madvise"},
    {"do_mprotect_pkey", "mprotect"},
    {"do_mlock", "mlock"},
    {"kernel_clone", "clone"},
    {"do_futex", "futex"},
    {"kernel_wait4", "wait4"},
    {"do_exit", "exit"},
    {"do_group_exit", "exit"},
    {"ret_from_fork", "first steps of a task"},
    {"ret_from_fork_asm", "first steps of a task"},
};

/*
 * What runs on behalf of its caller only: returns made safe against speculation, and the functions in which interrupts
 * go on again, where samples of what came before are taken. Its caller counts as itself.
 */
static const char *const transparent[] = {"_raw_spin_unlock_irq", "_raw_spin_unlock_irqrestore",
    "_raw_read_unlock_irq*", "_raw_write_unlock_irq*", "__raw_callee_save_*", "__raw_spin_unlock_irqrestore", "srso_*",
    "retbleed_*", "zen_untrain_ret", "its_return_thunk", "__x86_return_thunk", "__x86_indirect_*", "__SCT__*",
    "pv_native_*", "pvm_irq_*"};

/* The compiler's parts of a function (name.cold, name.isra.0) are that function. A * stands at the end only. */
static bool fits(const char *pattern, const char *name)
{
	size_t length = strcspn(pattern, "*");

	if (strncmp(pattern, name, length))
		return false;
	return pattern[length] == '*' || !name[length] || name[length] == '.';
}

static const struct pattern *find(const struct pattern *list, size_t count, const char *name, bool itself)
{
	for (size_t i = 0; i < count; i++)
		if ((itself || list[i].where == ANYWHERE) && fits(list[i].name, name))
			return &list[i];
	return NULL;
}

static bool is_transparent(const char *name)
{
	for (size_t i = 0; i < sizeof(transparent) / sizeof(transparent[0]); i++)
		if (fits(transparent[i], name))
			return true;
	return false;
}

/* The name of the system call that a function is the outermost one of; NULL: of none. */
static const char *call_name(const char *function)
{
	static const char *const prefixes[] = {
	    "__x64_sys_", "__do_sys_", "__se_sys_", "__ia32_compat_sys_", "__ia32_sys_", "ksys_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(function, prefixes[i], strlen(prefixes[i])))
			return function + strlen(prefixes[i]);
	return NULL;
}

static void write_detail(char detail[KERNEL_DETAIL], const char *name)
{
	snprintf(detail, KERNEL_DETAIL, "%.*s", (int)strcspn(name, "."), name);
}

static enum time_class call_class(const char *call, char detail[KERNEL_DETAIL])
{
	const struct pattern *pattern = find(calls, sizeof(calls) / sizeof(calls[0]), call, true);

	write_detail(detail, !strcmp(call, "mmap_pgoff") ? "mmap" : call);
	return pattern ? pattern->class : TIME_CALL;
}

/* What a function stands for, or its own name. */
static const char *stands_for(const char *function)
{
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		if (fits(stand_ins[i].function, function))
			return stand_ins[i].call;
	return function;
}

static bool is_call_entry(const char *name)
{
	return fits("do_syscall_64", name) || fits("x64_sys_call", name) || fits("do_fast_syscall_32", name) ||
	       fits("__do_fast_syscall_32", name) || fits("do_int80_*", name) || fits("entry_SYSCALL_*", name);
}

enum time_class kernel_class(const char *const *frames, size_t count, char detail[KERNEL_DETAIL])
{
	size_t first = 0;

	while (first + 1 < count && is_transparent(frames[first]))
		first++;
	write_detail(detail, count ? frames[first] : "");
	for (size_t i = first; i < count; i++) {
		const struct pattern *pattern =
		    find(patterns, sizeof(patterns) / sizeof(patterns[0]), frames[i], i == first);
		const char *call = pattern ? NULL : call_name(frames[i]);

		if (pattern && pattern->class == TIME_PROCESS)
			write_detail(detail, stands_for(frames[i]));
		if (pattern)
			return pattern->class;
		if (call)
			return call_class(call, detail);
		if (i > first && is_call_entry(frames[i]))
			return call_class(stands_for(frames[i - 1]), detail);
	}
	return TIME_KERNEL_OTHER;
}

bool kernel_function_zeroes(const char *name)
{
	/* Not those of huge folios, which every kernel has. */
	static const char *const functions[] = {"clear_page_erms", "clear_page_rep", "clear_page_orig", "clear_pages",
	    "kernel_init_pages", "kernel_init_free_pages", "clear_highpages_kasan_tagged"};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (fits(functions[i], name))
			return true;
	return false;
}
