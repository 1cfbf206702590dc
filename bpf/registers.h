/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* The registers that user space will find again, at the end of the task's kernel stack. */
#ifndef HAKMEM_BPF_REGISTERS_H
#define HAKMEM_BPF_REGISTERS_H

#include "common.h"
#include "stack_record.h"

#ifdef OLD_KERNEL

/* Of four pages (arch/x86/include/asm/page_64_types.h, processor.h). */
#define KERNEL_STACK_SIZE (4 * PAGE_SIZE)

static __always_inline const void *user_registers(struct task_struct *task)
{
	return (const void *)kernel_read(task, stack) + KERNEL_STACK_SIZE - STACK_REGISTERS * sizeof(__u64);
}

static __always_inline __u64 user_stack_pointer(struct task_struct *task)
{
	__u64 pointer = 0;

	bpf_probe_read_kernel(&pointer, sizeof(pointer), user_registers(task) + STACK_REGISTER_SP * sizeof(pointer));
	return pointer;
}

#else

static __always_inline const void *user_registers(struct task_struct *task)
{
	return (const void *)bpf_task_pt_regs(task);
}

static __always_inline __u64 user_stack_pointer(struct task_struct *task)
{
	return ((const struct pt_regs *)user_registers(task))->sp;
}

#endif

static __always_inline __u64 user_register(__u32 number)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), user_registers(current_task()) + number * sizeof(value));
	return value;
}

#endif
