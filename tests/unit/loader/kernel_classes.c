// SPDX-License-Identifier: MIT
/* Stacks as kernels from 5.10 to 7.x have them, and what their time is spent on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analysis/kernel_classes.h"

#define MOST 16

/* The class of a stack, the innermost frame first. */
static enum time_class class_of(char detail[KERNEL_DETAIL], const char *frame, ...)
{
	const char *frames[MOST];
	size_t count = 0;
	va_list rest;

	va_start(rest, frame);
	for (; frame; frame = va_arg(rest, const char *))
		frames[count++] = frame;
	va_end(rest);
	return kernel_class(frames, count, detail);
}

#define assert_class(class, function, ...)                                                                             \
	do {                                                                                                           \
		char detail[KERNEL_DETAIL];                                                                            \
		assert_string_equal(time_class_name(class_of(detail, __VA_ARGS__, NULL)), time_class_name(class));     \
		assert_string_equal(detail, function);                                                                 \
	} while (0)

#define FAULT   "handle_mm_fault", "exc_page_fault", "asm_exc_page_fault"
#define SYSCALL "do_syscall_64", "entry_SYSCALL_64_after_hwframe"

static void zeroing_by_each_name_that_kernels_have(void **state)
{
	(void)state;
	/* 5.10, 6.1, 6.12, 6.18 */
	assert_class(TIME_ZEROING, "clear_page_erms", "clear_page_erms", "prep_new_page", "get_page_from_freelist",
	    "__alloc_pages_nodemask", "alloc_pages_vma", "do_anonymous_page", FAULT);
	assert_class(TIME_ZEROING, "clear_page_rep", "clear_page_rep", "get_page_from_freelist", FAULT);
	assert_class(TIME_ZEROING, "clear_page_orig", "clear_page_orig", "get_page_from_freelist", FAULT);
	assert_class(TIME_ZEROING, "kernel_init_free_pages", "kernel_init_free_pages", "post_alloc_hook", FAULT);
	assert_class(TIME_ZEROING, "clear_huge_page", "clear_huge_page", "do_huge_pmd_anonymous_page", FAULT);
	assert_class(TIME_ZEROING, "folio_zero_user", "folio_zero_user", "do_huge_pmd_anonymous_page", FAULT);
	/* 7.0 and 7.3 */
	assert_class(TIME_ZEROING, "kernel_init_pages", "kernel_init_pages", "post_alloc_hook", FAULT);
	assert_class(TIME_ZEROING, "clear_highpages_kasan_tagged", "clear_highpages_kasan_tagged", "post_alloc_hook",
	    "get_page_from_freelist", FAULT);
	/* Populated without a fault, and for a pipe. */
	assert_class(TIME_ZEROING, "clear_page_erms", "clear_page_erms", "get_page_from_freelist", "handle_mm_fault",
	    "__get_user_pages", "populate_vma_page_range", "__mm_populate", "vm_mmap_pgoff", SYSCALL);
	assert_class(TIME_ZEROING, "clear_page_erms", "clear_page_erms", "get_page_from_freelist", "__alloc_pages",
	    "pipe_write", "vfs_write", "ksys_write", SYSCALL);
}

static void what_only_looks_like_zeroing(void **state)
{
	(void)state;
	assert_class(
	    TIME_CALL, "pwrite64", "clear_page_dirty_for_io", "write_cache_pages", "__x64_sys_pwrite64", SYSCALL);
	assert_true(kernel_function_zeroes("clear_page_erms"));
	assert_true(kernel_function_zeroes("kernel_init_pages"));
	assert_false(kernel_function_zeroes("clear_page_dirty_for_io"));
	/* Every kernel has one of these: they don't say that the zeroing of single pages can be told. */
	assert_false(kernel_function_zeroes("folio_zero_user"));
	assert_false(kernel_function_zeroes("clear_huge_page"));
}

static void fault_entry_is_the_exception_alone(void **state)
{
	(void)state;
	/* Where interrupts go on again: in one kernel or another. */
	assert_class(TIME_FAULT_ENTRY, "exc_page_fault", "exc_page_fault", "asm_exc_page_fault");
	assert_class(
	    TIME_FAULT_ENTRY, "do_user_addr_fault", "do_user_addr_fault", "exc_page_fault", "asm_exc_page_fault");
	assert_class(TIME_FAULT_ENTRY, "error_entry", "error_entry", "asm_exc_page_fault");
	assert_class(TIME_FAULT_ENTRY, "error_entry", "srso_alias_safe_ret", "error_entry", "asm_exc_page_fault");
	assert_class(TIME_FAULT_ENTRY, "asm_exc_page_fault", "asm_exc_page_fault");
	assert_class(
	    TIME_FAULT_ENTRY, "irqentry_exit_to_user_mode", "irqentry_exit_to_user_mode", "asm_exc_page_fault");
	assert_class(TIME_FAULT_ENTRY, "native_irq_return_iret", "native_irq_return_iret");
	/* What it calls is the handling. */
	assert_class(
	    TIME_PAGE_TABLE, "find_vma", "find_vma", "do_user_addr_fault", "exc_page_fault", "asm_exc_page_fault");
	assert_class(
	    TIME_PAGE_TABLE, "mas_walk", "mas_walk", "lock_vma_under_rcu", "exc_page_fault", "asm_exc_page_fault");
	assert_class(TIME_PAGE_TABLE, "do_anonymous_page", "do_anonymous_page", "__handle_mm_fault", FAULT);
}

static void a_shared_function_belongs_to_its_caller(void **state)
{
	(void)state;
	assert_class(
	    TIME_PAGE_TABLE, "_raw_spin_lock", "_raw_spin_lock", "__pte_offset_map_lock", "do_anonymous_page", FAULT);
	assert_class(
	    TIME_MAPPING, "munmap", "_raw_spin_lock", "unmap_page_range", "unmap_vmas", "__x64_sys_munmap", SYSCALL);
	assert_class(TIME_PAGE_TABLE, "memcpy", "memcpy", "shmem_fault", "__do_fault", FAULT);
	assert_class(TIME_CALL, "read", "memcpy", "copy_page_to_iter", "filemap_read", "ksys_read", SYSCALL);
	/* Where a lock lets interrupts go on: late samples of its holder, who is named. */
	assert_class(TIME_PAGE_TABLE, "folio_batch_move_lru", "_raw_spin_unlock_irqrestore", "folio_batch_move_lru",
	    "do_anonymous_page", FAULT);
	assert_class(TIME_PAGE_ALLOCATION, "rmqueue_bulk", "_raw_spin_unlock_irqrestore", "rmqueue_bulk",
	    "get_page_from_freelist", FAULT);
}

static void pages_are_got_copied_and_flushed(void **state)
{
	(void)state;
	assert_class(TIME_PAGE_ALLOCATION, "__list_del_entry_valid_or_report", "__list_del_entry_valid_or_report",
	    "__rmqueue_pcplist", "get_page_from_freelist", "__alloc_frozen_pages_noprof", FAULT);
	assert_class(
	    TIME_PAGE_ALLOCATION, "try_charge_memcg", "try_charge_memcg", "charge_memcg", "__mem_cgroup_charge", FAULT);
	assert_class(TIME_PAGE_COPY, "copy_page", "copy_page", "wp_page_copy", "do_wp_page", FAULT);
	assert_class(TIME_PAGE_COPY, "copy_mc_enhanced_fast_string", "copy_mc_enhanced_fast_string",
	    "__wp_page_copy_user", "do_wp_page", FAULT);
	assert_class(TIME_TLB, "smp_call_function_many_cond", "smp_call_function_many_cond", "on_each_cpu_cond_mask",
	    "native_flush_tlb_multi", "flush_tlb_mm_range", "tlb_finish_mmu", "__x64_sys_munmap", SYSCALL);
	assert_class(
	    TIME_TLB, "kvm_flush_tlb_multi", "kvm_flush_tlb_multi", "flush_tlb_mm_range", "do_madvise", SYSCALL);
	assert_class(
	    TIME_TLB, "native_flush_tlb_one_user", "native_flush_tlb_one_user", "flush_tlb_func", "do_wp_page", FAULT);
}

static void system_calls_by_name(void **state)
{
	(void)state;
	assert_class(TIME_MAPPING, "madvise", "zap_page_range", "do_madvise", "__x64_sys_madvise", SYSCALL);
	assert_class(TIME_MAPPING, "mmap", "mas_store_prealloc", "__mmap_region", "ksys_mmap_pgoff", SYSCALL);
	assert_class(TIME_MAPPING, "mprotect", "vma_modify", "__se_sys_mprotect", SYSCALL);
	assert_class(TIME_MAPPING, "mlock2", "apply_vma_lock_flags", "do_mlock", "__x64_sys_mlock2", SYSCALL);
	assert_class(TIME_PROCESS, "clone", "copy_page_range", "dup_mm", "kernel_clone", "__x64_sys_clone", SYSCALL);
	assert_class(TIME_PROCESS, "execve", "load_elf_binary", "bprm_execve", "do_execveat_common.isra.0",
	    "__x64_sys_execve", "x64_sys_call", SYSCALL);
	assert_class(TIME_PROCESS, "exit", "unmap_page_range", "exit_mmap", "mmput", "do_exit", "do_group_exit",
	    "__x64_sys_exit_group", SYSCALL);
	assert_class(TIME_CALL, "getppid", "__task_pid_nr_ns", "__x64_sys_getppid", SYSCALL);
	assert_class(
	    TIME_CALL, "openat", "link_path_walk", "do_sys_openat2", "__ia32_compat_sys_openat", "do_fast_syscall_32");
	/* Which jumped to their last callee. */
	assert_class(TIME_MAPPING, "mmap", "mas_preallocate", "do_mmap", "vm_mmap_pgoff", SYSCALL);
	assert_class(TIME_CALL, "do_pselect", "core_sys_select", "do_pselect.constprop.0", SYSCALL);
	/* Within exec it is exec's. */
	assert_class(TIME_PROCESS, "execve", "mas_preallocate", "do_mmap", "vm_mmap_pgoff", "elf_load",
	    "load_elf_binary", "__x64_sys_execve", SYSCALL);
}

static void entry_of_system_calls_is_apart(void **state)
{
	(void)state;
	assert_class(TIME_CALL_ENTRY, "do_syscall_64", "do_syscall_64", "entry_SYSCALL_64_after_hwframe");
	assert_class(TIME_CALL_ENTRY, "x64_sys_call", "x64_sys_call", SYSCALL);
	assert_class(TIME_CALL_ENTRY, "syscall_exit_to_user_mode", "syscall_exit_to_user_mode", SYSCALL);
	assert_class(TIME_CALL_ENTRY, "entry_SYSCALL_64", "entry_SYSCALL_64");
	/* Signals and deferred work on the way out. */
	assert_class(TIME_KERNEL_OTHER, "x64_setup_rt_frame", "x64_setup_rt_frame", "arch_do_signal_or_restart",
	    "exit_to_user_mode_loop", "syscall_exit_to_user_mode", SYSCALL);
}

static void scheduler_and_interrupts_come_before_what_they_interrupt(void **state)
{
	(void)state;
	assert_class(TIME_SCHEDULER, "finish_task_switch", "finish_task_switch.isra.0", "__schedule", "schedule",
	    "futex_wait_queue", "__x64_sys_futex", SYSCALL);
	assert_class(TIME_SCHEDULER, "update_curr", "update_curr", "enqueue_task_fair", "try_to_wake_up", "wake_up_q",
	    "futex_wake", "__x64_sys_futex", SYSCALL);
	assert_class(TIME_SCHEDULER, "switch_mm_irqs_off", "switch_mm_irqs_off", "__schedule", "schedule",
	    "exit_to_user_mode_loop", "irqentry_exit_to_user_mode", "asm_sysvec_reschedule_ipi");
	assert_class(TIME_INTERRUPT, "rcu_core", "rcu_core", "handle_softirqs", "irq_exit_rcu",
	    "sysvec_apic_timer_interrupt", "asm_sysvec_apic_timer_interrupt", "clear_page_erms", FAULT);
	assert_class(
	    TIME_INTERRUPT, "rcu_core", "rcu_core", "__do_softirq", "asm_call_irq_on_stack", "do_softirq_own_stack");
	assert_class(TIME_INTERRUPT, "irqentry_exit", "irqentry_exit", "asm_sysvec_call_function");
}

static void tracing_is_told(void **state)
{
	(void)state;
	assert_class(TIME_TRACING, "bpf_prog_88303d845a09f516_page_fault", "bpf_prog_88303d845a09f516_page_fault",
	    "bpf_trace_run3", "exc_page_fault", "asm_exc_page_fault");
	assert_class(
	    TIME_TRACING, "perf_event_mmap", "perf_event_mmap", "__mmap_region", "do_mmap", "vm_mmap_pgoff", SYSCALL);
	assert_class(TIME_TRACING, "___perf_sw_event", "___perf_sw_event", FAULT);
}

static void the_unknown_stays_other(void **state)
{
	(void)state;
	assert_class(TIME_KERNEL_OTHER, "frobnicate", "frobnicate");
	assert_class(TIME_KERNEL_OTHER, "(unknown)", "(unknown)", "(unknown)");
	assert_class(TIME_PROCESS, "first steps of a task", "frobnicate", "ret_from_fork", "ret_from_fork_asm");
	char detail[KERNEL_DETAIL];

	assert_int_equal(kernel_class(NULL, 0, detail), TIME_KERNEL_OTHER);
	assert_string_equal(detail, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zeroing_by_each_name_that_kernels_have),
	    cmocka_unit_test(what_only_looks_like_zeroing),
	    cmocka_unit_test(fault_entry_is_the_exception_alone),
	    cmocka_unit_test(a_shared_function_belongs_to_its_caller),
	    cmocka_unit_test(pages_are_got_copied_and_flushed),
	    cmocka_unit_test(system_calls_by_name),
	    cmocka_unit_test(entry_of_system_calls_is_apart),
	    cmocka_unit_test(scheduler_and_interrupts_come_before_what_they_interrupt),
	    cmocka_unit_test(tracing_is_told),
	    cmocka_unit_test(the_unknown_stays_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
