/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What a fault's hook knows of its processor. To ask which task is current, and to find its state, takes longer than
 * all else that most faults need; but where a hook's arguments lie tells whose kernel stack it is on. An exception from
 * user mode begins at the stack's end, and always as far from it.
 */
#ifndef HAKMEM_BPF_HERE_H
#define HAKMEM_BPF_HERE_H

#include "state.h"
#include "table.h"

/* The loader makes it one a processor. What may be mapped begins on a page: so each has cache lines of its own. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct processor);
} processors_here SEC(".maps");

static __always_inline struct processor *processor_of(__u32 number)
{
	return bpf_map_lookup_elem(&processors_here, &number);
}

/* From a fixed place, since no pointer is a number. */
#define STACK_PLACE(context) ((__u64)((const char *)(context) - (const char *)&table_generation))

/* Less than the 16 KiB of a stack (THREAD_SIZE of x86-64), so that all down to there is the same task's. */
#define STACK_SAME (12UL << 10)

/* Whether `place` is on the stack that an exception from user mode had at `end`; on none if that is 0. */
static __always_inline bool is_on_stack(__u64 place, __u64 end)
{
	return end && end - place < STACK_SAME;
}

/* A task that isn't traced, and whose fault was the last such one here. As struct latest_task has it: until any task
 * has been given a seat. */
static __always_inline bool is_foreign_stack(const struct processor *here, __u64 place)
{
	return is_on_stack(place, here->foreign) && here->foreign_generation == task_generation;
}

/* `generation` was read before the current task was looked for. */
static __always_inline void note_foreign(__u64 stack, __u64 generation)
{
	struct processor *here = processor_of(bpf_get_smp_processor_id());

	if (!here || stopping || task_known())
		return;
	here->foreign = stack;
	barrier();
	here->foreign_generation = generation;
}

#endif
