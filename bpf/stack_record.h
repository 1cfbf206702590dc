/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What BPF writes into the ring of call stacks (stacks.h, alloc_site.h) and the loader reads there. */
#ifndef HAKMEM_BPF_STACK_RECORD_H
#define HAKMEM_BPF_STACK_RECORD_H

#include "types.h"

/* What is taken of call stacks (stacks.h). */
enum stacks_wanted {
	STACKS_NONE,
	STACKS_FRAMES, /* by frame pointers */
	STACKS_COPIES,
};

enum stack_record_kind {
	STACK_FRAMES,
	STACK_COPY,
	STACK_EXEC, /* there is none: a program is being executed */
	STACK_COST, /* of the thread's last one, which has the same sequence */
	STACK_SITE, /* libhakmem has handed out a block (alloc_site.h) */
	STACK_SPACE,
};

struct stack_head {
	hakmem_u32 kind;
	hakmem_u32 process; /* as the loader sees it */
	hakmem_u32 thread;
	hakmem_u32 sequence;
	hakmem_u32 space; /* address space, by its number */
	hakmem_u32 reserved;
	hakmem_u64 time_ns; /* CLOCK_MONOTONIC */
	char comm[16];
};

#define STACK_KERNEL_MOST 32

struct stack_kernel {
	hakmem_u64 count;
	hakmem_u64 frame[STACK_KERNEL_MOST]; /* the innermost first, and before it ours */
};

/* struct pt_regs of x86-64 (arch/x86/include/uapi/asm/ptrace.h), as words. */
#define STACK_REGISTERS     21
#define STACK_REGISTER_BP   4
#define STACK_REGISTER_CALL 15
#define STACK_REGISTER_IP   16
#define STACK_REGISTER_SP   19

#define STACK_FRAMES_MOST 127

struct stack_frames {
	struct stack_head head;
	struct stack_kernel kernel;
	hakmem_u64 count;
	hakmem_u64 frame[STACK_FRAMES_MOST]; /* the first is where it is, all others are where calls return to */
};

#define STACK_COPY_MOST 16 /* pages */

struct stack_copy {
	struct stack_head head;
	struct stack_kernel kernel;
	hakmem_u64 registers[STACK_REGISTERS];
	hakmem_u64 start; /* address of the first page */
	hakmem_u64 pages;
	hakmem_u64 present; /* bit by bit: which pages were there */
	char bytes[];
};

struct stack_cost {
	struct stack_head head;
	struct account_key key;
	hakmem_u32 weight; /* it stands for weight / units such costs */
	hakmem_u32 units;
	hakmem_u64 address; /* 0: several, or none */
	hakmem_u64 faults;
	hakmem_u64 zeroed_bytes;
	hakmem_u64 timed;
	hakmem_u64 ns;
};

/* Who is handed a block: the callers by frame pointers, which libhakmem has, so that the first outside of it is right.
 */
#define SITE_FRAMES 6

struct stack_site {
	struct stack_head head; /* sequence: of its stack, which came before; 0: none was taken */
	hakmem_u64 start, end;  /* addresses of the block */
	hakmem_u64 count;
	hakmem_u64 frame[SITE_FRAMES]; /* the first is where it is */
};

/* head.space begins as a copy of another's, or ends (0). */
struct stack_space {
	struct stack_head head;
	hakmem_u32 copied;
	hakmem_u32 reserved;
};

#endif
