/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Fork, exec and exit of traced tasks, and the system-call hooks: the part that every rung has in common. */
#ifndef HAKMEM_BPF_LIFECYCLE_H
#define HAKMEM_BPF_LIFECYCLE_H

#include "calls.h"
#include "selection.h"

/*
 * Programs called ..._again do the work of those that they are called after where these were skipped: a task that is
 * preempted inside one program is seldom inside both. They are loaded where tracepoints' programs can be preempted.
 */

static __always_inline void task_forked(struct task_state *state, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *born;

	if (hooks_miss && !is_foreign(parent))
		fork_recovered();
	state->forked = 1;
	if (select_only_itself && kernel_read(child, tgid) != kernel_read(parent, tgid) && !selected(child))
		return;
	born = state_make(child);
	if (!born) {
		lose(LOSS_TASK);
		return;
	}
	born->minor = kernel_read(child, min_flt);
	born->major = kernel_read(child, maj_flt);
	born->execs = execs_of(child);
	born->call = CALL_NONE;
	born->now = state->now;
	born->marks_seen = state->marks_seen;
	if (BPF_CORE_READ(child, mm) == BPF_CORE_READ(parent, mm)) {
		state->alone = 0;
		born->space = state->space;
		born->borrows = kernel_read(child, tgid) != kernel_read(parent, tgid);
		space_join(born->space);
		thread_created(state, born);
	} else {
		born->space = space_fork(state->space);
		born->alone = !hooks_miss;
	}
	born->phase = TASK_TRACED;
}

/* Fires in the parent, before the child runs. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *state = task_traced();

	state_drop(child); /* of a task whose exit was not seen, and which was at the same address */
	if (state)
		task_forked(state, parent, child);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork_again, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *state = task_traced();

	if (state && !state_of(child))
		task_forked(state, parent, child);
	return 0;
}

#define SIGBUS     7
#define SIGSEGV    11
#define SI_KERNEL  0x80
#define BUS_ADRALN 1

/*
 * Where it was, unless nobody had asked for that address. It may be no rung's fault: memory that must not be accessed
 * is told before there is one. Then whoever asked for it is told, and not what libhakmem made of it.
 */
static __always_inline void failed_place(struct task_state *state, __u64 address)
{
	struct aside_key key = {};
	struct aside *row;

	if (state->pending && PAGE_ALIGN_DOWN(state->address) == PAGE_ALIGN_DOWN(address)) {
		if (state->place.request)
			key = (struct aside_key){state->place.key.owner, state->place.key.block_size};
	} else {
		key.owner = table_find(state->space, address);
	}
	row = key.owner ? aside_row(&key) : NULL;
	if (row)
		add(row->failed, 1);
}

/* A fault that can't be resolved ends in a signal; the kernel does not charge it (mm_account_fault). */
SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, struct kernel_siginfo *information, struct task_struct *task)
{
	struct task_state *state = task_traced();
	struct totals *t;
	int code = 0;

	if ((signal != SIGSEGV && signal != SIGBUS) || (__u64)information <= 2 || !state)
		return 0; /* 0, 1 and 2 stand for signals without information */
	code = BPF_CORE_READ(information, si_code);
	if (code <= 0 || code == SI_KERNEL || (signal == SIGBUS && code == BUS_ADRALN))
		return 0; /* sent by somebody, or another exception */
	t = totals_here();
	if (t)
		add(t->failed, 1);
	failed_place(state, (__u64)BPF_CORE_READ(information, _sifields._sigfault._addr));
	return 0;
}

static __always_inline void process_name(struct task_struct *task)
{
	__u32 pid = kernel_read(task, tgid);
	struct process_account *p = bpf_map_lookup_elem(&processes, &pid);

	if (!p)
		return;
	bpf_get_current_comm(p->comm, sizeof(p->comm));
	p->cgroup = cgroup_of(task);
}

/* A program of a name, or in a cgroup, that is asked for has just been started by somebody who isn't traced. */
static __always_inline struct task_state *task_arrives(struct task_struct *task)
{
	struct task_state *state;

	if (stopping || !selected(task))
		return NULL;
	state = state_make(task);
	if (!state) {
		lose(LOSS_TASK);
		return NULL;
	}
	state->minor = kernel_read(task, min_flt);
	state->major = kernel_read(task, maj_flt);
	state->runtime_ns = kernel_read(task, se.sum_exec_runtime);
	state->call = CALL_NONE;
	return state; /* space_follow() does the rest */
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *binary)
{
	struct task_state *state = stopping ? NULL : task_known();

	if (!state || state->phase == TASK_UNTRACED)
		state = task_arrives(task);
	if (!state)
		return 0;
	settle(task, state, 0);
	space_follow(task, state);
	space_seed(task, state);
	unplaced_follow(task, state);
	/* What execve itself populated is the argument strings, on the new stack. */
	extra_settle_owner(state, OWNER(OWNER_STACK_MAIN, 0), CAUSE_FIRST_TOUCH, true);
	gather_let_go();
	state->call = CALL_NONE;
	process_name(task);
	return 0;
}

/*
 * A fault that had begun when counting stopped, and whose end no hook has told. What else was charged since then is not
 * counted.
 */
static __always_inline void last_fault(struct task_struct *task, struct task_state *state)
{
	__u32 major = kernel_read(task, maj_flt) != state->major,
	      minor = !major && kernel_read(task, min_flt) != state->minor;

	if (!state->pending)
		fault_to_call(state, 0, 0);
	if (!state->pending || !(minor + major))
		return;
	state->charged_minor += minor;
	state->charged_major += major;
	if (OWNER_KIND(state->place.key.owner) == OWNER_CALL) {
		fault_to_call(state, minor, major);
		return;
	}
	gathered_let_go(task, state);
	fault_explain(state, major);
	state->place.key.phase = state->now;
	state->place.key.sort = fault_sort(state, major);
	gather_at(state, &state->place);
	state->gathered = state->fault;
	state->gathered.faults = 1;
	state->gathered.major = major;
}

/* Everything of a task that is not in the maps yet. Both its exit and the last look come here; one of them may. */
static __always_inline void let_go_of_all(struct task_struct *task, struct task_state *state)
{
	struct account_key key;

	if (exchange(&state->phase, TASK_UNTRACED) != TASK_TRACED)
		return;
	sweep_end(task, state);
	last_fault(task, state);
	gathered_let_go(task, state);
	unplaced_let_go(task, state);
	if (!state->extra.faults && !state->extra.zero_events)
		return;
	key = (struct account_key){
	    .owner = OWNER(state->extra.faults ? OWNER_UNSEEN : OWNER_KERNEL_OTHER, 0),
	    .phase = state->now,
	};
	account_process(task, key.cause, &state->extra);
	account_region(&key, &state->extra, state->extra.faults);
}

#define CORE_DUMPED 0x80 /* in an exit code, as for wait() */

static __always_inline void task_ended(struct task_struct *task)
{
	struct task_state *state = task_traced();

	if (state) {
		settle(task, state, 0);
		if (kernel_read(task, exit_code) & CORE_DUMPED)
			extra_settle_owner(state, OWNER(OWNER_KERNEL_CORE_DUMP, 0), CAUSE_UNKNOWN, true);
		waste_leave(state, false);
		space_leave(state->space);
	} else if (stopping) {
		state = state_of(task);
	}
	if (state)
		let_go_of_all(task, state);
	state_drop(task);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	task_ended(task);
	return 0;
}

/*
 * The same tracepoint as an event, whose programs run with preemption off: nobody else's being preempted makes this one
 * skipped. What a task has gathered would be told by nobody. It does not replace the other one: during a map operation
 * by system call events' programs are off. After the other one there is no state.
 */
SEC("tp/sched/sched_process_exit")
int on_exit_again(void *event)
{
	task_ended(current_task());
	return 0;
}

/*
 * The launcher's child before its exec: what it is charged until then is not counted. Noted at each end of its system
 * calls, for a hook may be skipped: the last ones come right before the exec.
 */
static __always_inline bool task_waits(struct task_struct *task, struct task_state *state)
{
	if (state->phase != TASK_ARMED || (state->execs && state->execs != execs_of(task)))
		return false;
	state->minor = kernel_read(task, min_flt);
	state->major = kernel_read(task, maj_flt);
	state->runtime_ns = kernel_read(task, se.sum_exec_runtime);
	state->execs = execs_of(task);
	return true;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_call, struct pt_regs *regs, long call)
{
	struct task_struct *task = current_task();
	struct task_state *state = task_hooked(task);

	if (!state || state->phase == TASK_UNTRACED || task_waits(task, state))
		return 0;
	settle(task, state, 0);
	unplaced_follow(task, state);
	extra_settle_unseen(state);
	state->calls++;
	state->returned = 0;
	if (state->charged_minor || state->charged_major || state->gathered.zero_events || state->calls >= GATHER_MOST)
		gather_let_go();
	phase_follow(state);
	if (is_foreign(task))
		foreign_arguments(state, regs, call);
	else
		call_arguments(state, regs, call);
	call_begin(task, state, regs);
	return 0;
}

static __always_inline void call_returned(struct task_state *state, struct pt_regs *regs, long result)
{
	struct task_struct *task = current_task();

	settle(task, state, 0);
	if (hooks_miss && state->call != (__u32)regs->orig_ax && !is_foreign(task))
		call_recovered(); /* it is not the one whose enter was seen last */
	call_end(state, regs, result);
}

/*
 * A call's return is for whichever of two programs comes first, and the other one only notes that. What a program left
 * when its other one was skipped is not taken for the next call's: the enter in between takes it away; and should that
 * not be seen, the other one still deals with the call.
 */
enum returned {
	RETURNED_FIRST = 1,
	RETURNED_SECOND = 2,
};

static __always_inline void call_returned_once(
    struct task_state *state, struct pt_regs *regs, long result, __u32 this, __u32 other)
{
	if (state->returned & other && state->returned_call == (__u32)regs->orig_ax &&
	    state->returned_result == (__u64)result) {
		state->returned &= ~other;
		return;
	}
	call_returned(state, regs, result);
	state->returned = this;
	state->returned_call = regs->orig_ax;
	state->returned_result = result;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_return, struct pt_regs *regs, long result)
{
	struct task_struct *task = current_task();
	struct task_state *state = task_hooked(task);

	if (!state || state->phase == TASK_UNTRACED || task_waits(task, state))
		return 0;
	if (hooks_miss)
		call_returned_once(state, regs, result, RETURNED_FIRST, RETURNED_SECOND);
	else
		call_returned(state, regs, result);
	return 0;
}

/* An event, too. */
struct return_event {
	__u64 common;
	__s64 call;
	__s64 result;
};

SEC("tp/raw_syscalls/sys_exit")
int on_return_again(struct return_event *event)
{
#ifndef OLD_KERNEL /* where nothing is skipped */
	struct task_state *state = task_traced();

	if (state)
		call_returned_once(state, (struct pt_regs *)bpf_task_pt_regs(current_task()), event->result,
		    RETURNED_SECOND, RETURNED_FIRST);
#endif
	return 0;
}

/* The loader's last look, once no other hook counts: what was charged in system calls that are still under way. */
SEC("iter/task")
int last_look(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct task_state *state;

	if (!task)
		return 0;
	/* The iterator runs in the loader's context: the task is named, not current. */
	state = state_of(task);
	if (state)
		let_go_of_all(task, state);
	return 0;
}

#endif
