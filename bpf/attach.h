/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Attaching to tasks that run already. The hooks are attached first; then the loader runs these programs: `attach_mark`
 * makes the selected tasks traced (again until none is new, so that none forked meanwhile is missed), `attach_threads`
 * and `attach_mappings` tell what they have, and `attach_seed` enters what the loader makes of that
 * (loader/trace/seed.c) into the request table, only where nothing is known: what the hooks have entered since is
 * newer.
 */
#ifndef HAKMEM_BPF_ATTACH_H
#define HAKMEM_BPF_ATTACH_H

#include "lifecycle.h"
#include "selection.h"

/* mm -> its address space's number, for tasks that share one. The loader empties it when it has attached. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u32);
} attached_spaces SEC(".maps");

/* Tasks that attach_mark has marked, and those for which it found no room. */
__u64 attach_marked = 0;
__u64 attach_failed = 0;

static __always_inline __u32 attached_space(__u64 mm, struct file *executable)
{
	__u32 *known = bpf_map_lookup_elem(&attached_spaces, &mm);
	struct space *s = known ? bpf_map_lookup_elem(&spaces, known) : NULL;
	__u32 number;

	if (known && s) {
		add(s->tasks, 1);
		return *known;
	}
	number = space_new();
	s = bpf_map_lookup_elem(&spaces, &number);
	if (!s)
		return 0;
	s->program = object_of_file((__u64)executable);
	s->unseeded = 1;
	s->phase = PHASE_MAIN;
	s->forked = 1; /* it may share pages with its parent or a child: nobody has seen */
	bpf_map_update_elem(&attached_spaces, &mm, &number, BPF_ANY);
	return number;
}

/*
 * In the loader's context, while the task runs on: its phase is set last. It may be inside a fault or a system call:
 * the fault's event counts it (fault_event.h), the call is told by its registers when it returns (call_recovered).
 */
SEC("iter/task")
int attach_mark(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct task_state *state;
	struct space *s;

	if (!task || !(selected(task) || selected_by_pid(task)))
		return 0;
	state = state_make(task);
	if (!state) {
		attach_failed++;
		return 0;
	}
	if (state->phase != TASK_UNTRACED)
		return 0;
	state->execs = execs_of(task);
	state->space = attached_space((__u64)BPF_CORE_READ(task, mm), BPF_CORE_READ(task, mm, exe_file));
	s = bpf_map_lookup_elem(&spaces, &state->space);
	state->now = s ? s->phase : PHASE_UNKNOWN;
	state->call = CALL_NONE;
	state->minor = kernel_read(task, min_flt);
	state->major = kernel_read(task, maj_flt);
	state->runtime_ns = kernel_read(task, se.sum_exec_runtime);
	barrier();
	state->phase = TASK_TRACED;
	attach_marked++;
	return 0;
}

static __always_inline struct space *space_unseeded(struct task_struct *task, __u32 *number)
{
	struct task_state *state = state_of(task);
	struct space *s;

	if (!state || state->phase != TASK_TRACED)
		return NULL;
	*number = state->space;
	s = bpf_map_lookup_elem(&spaces, number);
	return s && s->unseeded ? s : NULL;
}

SEC("iter/task")
int attach_threads(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct attach_thread thread = {};
	struct pt_regs *regs;

	if (!task || !space_unseeded(task, &thread.space))
		return 0;
	thread.process = process_in_view(task);
	thread.thread = view_level ? pid_in_view(BPF_CORE_READ(task, thread_pid)) : BPF_CORE_READ(task, pid);
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	thread.stack_pointer = BPF_CORE_READ(regs, sp);
	thread.thread_pointer = task->thread.fsbase;
	thread.signal_stack = task->sas_ss_sp;
	thread.signal_stack_size = task->sas_ss_size;
	bpf_seq_write(context->meta->seq, &thread, sizeof(thread));
	return 0;
}

SEC("iter/task_vma")
int attach_mappings(struct bpf_iter__task_vma *context)
{
	struct task_struct *task = context->task;
	struct vm_area_struct *vma = context->vma;
	struct attach_mapping mapping = {};
	struct vma_facts facts;
	struct mm_struct *mm;
	struct file *file;
	struct space *s;

	if (!task || !vma)
		return 0;
	s = space_unseeded(task, &mapping.space);
	mm = BPF_CORE_READ(task, mm);
	if (!s || !mm)
		return 0;
	vma_read(vma, &facts);
	mapping.process = process_in_view(task);
	mapping.start = facts.start;
	mapping.end = facts.end;
	mapping.flags = facts.flags;
	mapping.break_start = BPF_CORE_READ(mm, start_brk);
	mapping.break_end = BPF_CORE_READ(mm, brk);
	mapping.owner = vma_owner(mm, s->program, &facts);
	file = (struct file *)facts.file;
	if (file)
		bpf_probe_read_kernel_str(
		    mapping.name, sizeof(mapping.name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	else if (!mapping.owner)
		mapping.owner = OWNER(OWNER_ANON, object_before_attach());
	bpf_seq_write(context->meta->seq, &mapping, sizeof(mapping));
	return 0;
}

/* bpf_prog_test_run's arguments: space, start, end, owner. */
SEC("raw_tp")
int attach_seed(struct bpf_raw_tracepoint_args *context)
{
	__u32 space = context->args[0], owner = context->args[3];
	__u64 start = PAGE_ALIGN_DOWN(context->args[1]), end = PAGE_ALIGN(context->args[2]);
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	if (!s || start >= end || end >> 47)
		return 0;
	if (IS_LONG(start, end))
		long_enter(s, start, end, owner);
	else
		table_set_short(space, start, end, owner, 1);
	return 0;
}

/* The address space has all that was there before. Arguments: space, address of libhakmem's map or 0. */
SEC("raw_tp")
int attach_seeded(struct bpf_raw_tracepoint_args *context)
{
	__u32 space = context->args[0];
	__u64 map = context->args[1];
	struct space *s = bpf_map_lookup_elem(&spaces, &space);

	if (!s)
		return 0;
	if (map && !s->map)
		s->map = map;
	s->unseeded = 0;
	__sync_fetch_and_add(&table_generation, 1);
	return 0;
}

/* Something may have come to be selected otherwise than by fork and exec; the loader then looks again. */
__u64 attach_arrivals = 0;

SEC("tp_btf/cgroup_attach_task")
int arrival_by_cgroup(void *context)
{
	if (select_cgroup_count)
		add(attach_arrivals, 1);
	return 0;
}

SEC("tp_btf/task_rename")
int arrival_by_name(void *context)
{
	if (select_name_count)
		add(attach_arrivals, 1);
	return 0;
}

#endif
