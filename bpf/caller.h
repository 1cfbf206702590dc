/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Whose code made a system call that asks for memory. */
#ifndef HAKMEM_BPF_CALLER_H
#define HAKMEM_BPF_CALLER_H

#include "foreign.h"

#define CALLER_WORDS        12
#define CALLER_THROUGH_LIBC 1
#define CALLER_NARROW       2 /* words of 32 bits; 32-bit libcs call the kernel through the vdso, from their own code */
#define MUSL_CODE           64

static __always_inline bool is_image(__u32 owner)
{
	__u32 kind = OWNER_KIND(owner);

	return kind >= OWNER_PROGRAM_TEXT && kind <= OWNER_IMAGE_BSS;
}

/* The object whose code this is the address of, 0: none's. On its own, so that the verifier walks it once a program. */
__noinline __u32 code_object(__u32 space, __u64 address)
{
	__u32 owner, kind;

	if (address < 0x10000 || address >> 47)
		return 0;
	owner = table_find(space, address); /* code that has run has been entered */
	kind = OWNER_KIND(owner);
	return kind == OWNER_PROGRAM_TEXT || kind == OWNER_IMAGE_TEXT ? OWNER_OBJECT(owner) : 0;
}

/* The top of a stack, and the object that was found there. */
#define CALL_STACK_WORDS 16 /* CALLER_WORDS and zeroes, so that the verifier sees that indices are within */

struct call_stack {
	__u64 words[CALL_STACK_WORDS];
	__u32 space;
	__u32 flags;
	__u32 object;
};

REPEATED long caller_word(__u32 index, void *context)
{
	struct call_stack *stack = context;
	__u32 at = stack->flags & CALLER_NARROW ? index / 2 : index, object, before = stack->object;
	__u64 word;

	word = stack->words[at & (CALL_STACK_WORDS - 1)];
	if (stack->flags & CALLER_NARROW)
		word = (__u32)(index % 2 ? word >> 32 : word);
	object = code_object(stack->space, word);
	if (!object)
		return 0;
	stack->object = object;
	return before || !(stack->flags & CALLER_THROUGH_LIBC) || !is_libc(object);
}

/*
 * The object whose code asked: the first of the stack's top words that lies in an executable mapping. glibc's mmap
 * keeps its return address in word 0 (2.36) or, behind saved registers, in word 2 (2.41). THROUGH_LIBC: brk is asked
 * for by way of libc's sbrk, so the one that called libc counts; where libc called itself, it was its malloc.
 */
__noinline __u32 caller_object(__u32 space, __u64 stack_pointer, __u32 flags)
{
	struct call_stack stack = {.space = space, .flags = flags, .object = changes_from(0)};

	if (bpf_probe_read_user(stack.words, CALLER_WORDS * sizeof(stack.words[0]), (void *)stack_pointer))
		return 0;
	repeat(flags & CALLER_NARROW ? 2 * CALLER_WORDS : CALLER_WORDS, 2 * CALLER_WORDS, caller_word, &stack);
	return stack.object;
}

struct unwinding {
	__u8 code[MUSL_CODE];
	int words; /* of the frame, -1 before its end is found */
	__u32 skip;
};

/* One byte of code. */
REPEATED long unwind_step(__u32 index, void *context)
{
	struct unwinding *u = context;
	__u32 at = index < MUSL_CODE - 4 ? index : 0;
	const __u8 *code = u->code + at;

	if (u->skip) {
		u->skip--;
	} else if (u->words < 0) {
		if (code[0] == 0x48 && code[1] == 0x83 && code[2] == 0xc4) { /* add $N, %rsp */
			u->words = code[3] >> 3;
			u->skip = 3;
		}
	} else if (code[0] >> 3 == 0x58 >> 3) { /* pop */
		u->words++;
	} else if (code[0] == 0x41 && code[1] >> 3 == 0x58 >> 3) { /* pop of %r8 to %r15 */
		u->words++;
		u->skip = 1;
	} else {
		return 1;
	}
	return 0;
}

/*
 * musl's mmap keeps old return addresses of its own among its locals, so its frame has to be taken down to find the
 * right one: the code after the system call says how. Returns the return address's word, -1: unknown.
 */
__noinline int return_word(__u64 instruction)
{
	struct unwinding u = {.words = changes_from(-1), .skip = changes_from(0)};

	if (bpf_probe_read_user(u.code, sizeof(u.code), (void *)instruction))
		return -1;
	repeat(MUSL_CODE - 4, MUSL_CODE, unwind_step, &u);
	return u.words;
}

/* In musl's code, which asks for itself unless its mmap was called by another object. */
__noinline __u32 musl_caller(__u32 space, __u64 stack_pointer, __u64 instruction, __u32 musl)
{
	int word = return_word(instruction);
	__u64 address = 0;
	__u32 owner;

	if (word < 0 || bpf_probe_read_user(&address, sizeof(address), (void *)(stack_pointer + 8 * (__u64)word)))
		return musl;
	owner = table_find(space, address);
	return is_image(owner) ? OWNER_OBJECT(owner) : musl;
}

/* The registers say more than the stack where the code that runs is the program's own, or musl's. */
static __always_inline __u32 caller_of(struct task_state *state, struct pt_regs *regs, __u32 flags)
{
	__u32 owner = table_find(state->space, regs->ip), object = is_image(owner) ? OWNER_OBJECT(owner) : 0;

	if (is_musl(object))
		return musl_caller(state->space, regs->sp, regs->ip, object);
	owner = caller_object(state->space, regs->sp, flags);
	return owner ? owner : object;
}

#endif
