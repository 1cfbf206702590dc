/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Address spaces come with fork and exec and go with their last task. A new one after exec starts with what the kernel
 * itself mapped: the program, its interpreter, the vdso.
 */
#ifndef HAKMEM_BPF_SPACE_H
#define HAKMEM_BPF_SPACE_H

#include "cause.h"
#include "phase.h"
#include "site_space.h"
#include "table_copy.h"

/* include/uapi/linux/auxvec.h */
#define AT_PHDR    3
#define AT_BASE    7
#define AUXV_PAIRS 12 /* both come among the first ten (fs/binfmt_elf.c, create_elf_tables) */

__u32 next_space = 0;

static const struct space space_zero;

static __always_inline __u32 space_new(void)
{
	__u32 number = fetch_add(&next_space, 1) + 1;
	struct space *s;

	if (bpf_map_update_elem(&spaces, &number, &space_zero, BPF_NOEXIST)) {
		lose(LOSS_SPACE);
		return 0;
	}
	s = bpf_map_lookup_elem(&spaces, &number);
	if (!s)
		return 0;
	s->tasks = 1;
	s->phase = PHASE_BEFORE_MAIN;
	return number;
}

/* Returns the number, or 0 when it could not be kept. */
static __always_inline __u32 space_fork(__u32 from)
{
	__u32 number = space_new();
	struct space *s = bpf_map_lookup_elem(&spaces, &number);
	struct space *parent = bpf_map_lookup_elem(&spaces, &from);

	if (!s || !parent)
		return number;
	s->map = parent->map;
	s->program = parent->program;
	s->phase = parent->phase;
	s->forked = parent->forked = 1;
	s->unseeded = parent->unseeded;
	s->long_next = parent->long_next;
	__builtin_memcpy(s->long_range, parent->long_range, sizeof(s->long_range));
	__builtin_memcpy(s->long_owner, parent->long_owner, sizeof(s->long_owner));
	table_copy(parent, s, from, number);
	history_copy(parent, s, from, number);
	site_space_tell(number, from);
	return number;
}

static __always_inline void space_join(__u32 number)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &number);

	if (s)
		add(s->tasks, 1);
}

__noinline int space_leave(__u32 number)
{
	struct space *s = bpf_map_lookup_elem(&spaces, &number);

	if (!s || fetch_add(&s->tasks, -1) != 1)
		return 0;
	table_drop(s, number);
	history_drop(s, number);
	bpf_map_delete_elem(&spaces, &number);
	site_space_tell(number, 0);
	return 0;
}

/*
 * Exec has begun to fill a new mm (its own faults come before its tracepoint does): leave the old space for a new one.
 */
static __always_inline void space_follow(struct task_struct *task, struct task_state *state)
{
	struct space *s;
	__u32 number;

	if (execs_of(task) == state->execs)
		return;
	space_leave(state->space);
	number = space_new();
	state->space = number;
	state->execs = execs_of(task);
	state->phase = TASK_TRACED;
	state->stack_top = 0;
	state->borrows = 0;
	state->alone = !hooks_miss;
	state->now = PHASE_BEFORE_MAIN;
	state->recent_next = 0;
	__builtin_memset(state->recent, 0, sizeof(state->recent));
	s = bpf_map_lookup_elem(&spaces, &number);
	if (s)
		s->program = object_of_file((__u64)BPF_CORE_READ(task, mm, exe_file));
}

/* One ELF image that the kernel mapped: what comes next of it. */
struct image_walk {
	__u64 address;
	__u32 space;
	__u32 program; /* or else the interpreter */
	__u32 object;
};

REPEATED long image_segment(__u32 index, void *context)
{
	struct image_walk *walk = context;
	struct vma_facts facts = {};
	__u32 owner;

	if (!vma_find(walk->address, &facts))
		return 1;
	if (facts.file) {
		__u32 object = object_of_file(facts.file);

		if (walk->object && object != walk->object)
			return 1;
		walk->object = object;
		owner = OWNER(image_kind(facts.flags, walk->program), object);
	} else if (facts.flags & (VM_GROWSDOWN | VM_PFNMAP) || !walk->object || !(facts.flags & VM_WRITE)) {
		return 1;
	} else {
		owner = OWNER(walk->program ? OWNER_PROGRAM_BSS : OWNER_IMAGE_BSS, walk->object);
	}
	table_set_short(walk->space, facts.start, facts.end, owner, 0);
	walk->address = facts.end;
	return 0;
}

#define IMAGE_SEGMENTS 16 /* a linker makes four to six */

/* From its first address up to the first gap. Anonymous memory at its end is its bss. */
__noinline int space_enter_image(__u32 number, __u64 address, __u32 program)
{
	struct image_walk walk = {.address = address, .space = number, .program = program, .object = changes_from(0)};

	repeat(IMAGE_SEGMENTS, IMAGE_SEGMENTS, image_segment, &walk);
	return walk.object;
}

/* An entry of the current task's auxiliary vector, 0: none. On its own, for BPF's 512 bytes of stack are short. */
__noinline __u64 auxiliary_value(__u64 type)
{
	struct task_struct *task = current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 vector[2 * AUXV_PAIRS] = {};

	/* By address: a direct load from an array whose length differs between kernels can't be relocated. */
	if (!mm || bpf_probe_read_kernel(vector, sizeof(vector), &mm->saved_auxv))
		return 0;
	for (int i = 0; i < AUXV_PAIRS && vector[2 * i]; i++)
		if (vector[2 * i] == type)
			return vector[2 * i + 1];
	return 0;
}

/* The new program is mapped and has not run yet. */
static __always_inline void space_seed(struct task_struct *task, struct task_state *state)
{
	__u32 number = state->space, program, interpreter = 0;
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct space *s = bpf_map_lookup_elem(&spaces, &number);
	__u64 headers, base, vdso;

	if (!mm || !s)
		return;
	headers = auxiliary_value(AT_PHDR);
	base = auxiliary_value(AT_BASE);
	program = space_enter_image(number, headers ? headers : BPF_CORE_READ(mm, start_code), 1);
	if (program)
		s->program = program;
	/* Segments beyond a gap in the image. */
	if (!table_find(number, BPF_CORE_READ(mm, start_code)))
		space_enter_image(number, BPF_CORE_READ(mm, start_code), 1);
	if (!table_find(number, BPF_CORE_READ(mm, start_data)))
		space_enter_image(number, BPF_CORE_READ(mm, start_data), 1);
	/* Static programs fill the TLS before they set the thread pointer. 32-bit ones don't say where it is. */
	if (base)
		interpreter = space_enter_image(number, base, 0);
	else if (BPF_CORE_READ(mm, start_stack) >> 32)
		s->tls_next = 1;
	phase_begin(s, state, interpreter);
	vdso = (__u64)BPF_CORE_READ(mm, context.vdso);
	table_set(number, vdso, vdso + 2 * PAGE_SIZE, OWNER(OWNER_VDSO, 0));
}

#endif
