/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * System calls by the 32-bit convention: 32-bit programs, and int 0x80 anywhere. Those that request, move or drop
 * memory are told by their 64-bit numbers from here on; the rest is CALL_FOREIGN, of which only the charge is known.
 */
#ifndef HAKMEM_BPF_FOREIGN_H
#define HAKMEM_BPF_FOREIGN_H

#include "task.h"

#ifdef __TARGET_ARCH_x86

#define TS_COMPAT        0x0002 /* arch/x86/include/asm/thread_info.h */
#define FOREIGN_OLD_MMAP 90     /* its arguments lie in memory */

static __always_inline bool is_foreign(struct task_struct *task)
{
	return kernel_read(task, thread_info.status) & TS_COMPAT;
}

/* A 32-bit program, whose stack has words of 32 bits, and not int 0x80 in a 64-bit one. */
static __always_inline bool is_narrow(struct task_struct *task, struct pt_regs *regs)
{
	return is_foreign(task) && !(regs->sp >> 32);
}

/* arch/x86/entry/syscalls/syscall_32.tbl */
static __always_inline __u32 foreign_call(long number)
{
	switch (number) {
	case 2:
		return CALL_FORK;
	case 3:
		return CALL_READ;
	case 4:
		return CALL_WRITE;
	case 11:
		return CALL_EXECVE;
	case 26:
		return CALL_PTRACE;
	case 45:
		return CALL_BRK;
	case 91:
		return CALL_MUNMAP;
	case 120:
		return CALL_CLONE;
	case 125:
		return CALL_MPROTECT;
	case 150:
		return CALL_MLOCK;
	case 163:
		return CALL_MREMAP;
	case 190:
		return CALL_VFORK;
	case FOREIGN_OLD_MMAP:
	case 192: /* mmap2 */
		return CALL_MMAP;
	case 219:
		return CALL_MADVISE;
	case 240:
		return CALL_FUTEX;
	case 257:
		return CALL_REMAP_FILE_PAGES;
	case 358:
		return CALL_EXECVEAT;
	case 376:
		return CALL_MLOCK2;
	case 397:
		return CALL_SHMAT;
	case 435:
		return CALL_CLONE3;
	}
	return CALL_FOREIGN;
}

static __always_inline void foreign_arguments(struct task_state *state, struct pt_regs *regs, long number)
{
	__u32 words[5] = {regs->bx, regs->cx, regs->dx, regs->si, regs->di};

	if (number == FOREIGN_OLD_MMAP)
		bpf_probe_read_user(words, sizeof(words), (void *)(__u64)words[0]);
	state->call = foreign_call(number);
	state->forked = 0;
	for (int i = 0; i < 5; i++)
		state->argument[i] = words[i];
	if (state->call == CALL_CLONE)
		state->argument[0] &= ~CLONE_SETTLS; /* TLS is a segment there, without an address */
}

#endif

#endif
