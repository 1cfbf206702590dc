/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Where each traced task's state is kept: in an array, whose look-ups the kernel inlines (task storage costs a call,
 * and every fault pays for two). It is found by the task's address through a table of few words a task, so that a
 * foreign task costs a look at one of them.
 */
#ifndef HAKMEM_BPF_STATE_H
#define HAKMEM_BPF_STATE_H

#include "common.h"

static const struct task_state task_zero;

/* Seat 0 is nobody's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TASKS_MOST);
	__type(key, __u32);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* Four times as many as tasks, so that a task seldom meets another; whoever does goes elsewhere, a few times. */
#define TASK_SLOTS_SHIFT 16
#define TASK_SLOTS       (1U << TASK_SLOTS_SHIFT)
#define TASK_TRIES       8

_Static_assert(TASK_SLOTS == 4 * TASKS_MOST, "the slots are to be four times the tasks");

struct task_slot {
	__u64 task;      /* its address, 0: free */
	__u32 seat;      /* in `tasks` */
	__u32 displaced; /* a task whose first choice this was went elsewhere */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TASK_SLOTS);
	__type(key, __u32);
	__type(value, struct task_slot);
} task_slots SEC(".maps");

/* Seats that ended tasks have left; beyond `task_seats` none was ever used. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, TASKS_MOST);
	__type(value, __u32);
} free_seats SEC(".maps");

__u32 task_seats = 1;
volatile __u64 task_generation = 0; /* seats given so far */

/* The verifier lets nobody calculate with a pointer that the kernel handed over. */
static __always_inline __u64 as_number(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* Fibonacci hashing; each further try goes another way. */
static __always_inline struct task_slot *task_slot(__u64 task, __u32 attempt)
{
	__u64 mixed = task * 0x9e3779b97f4a7c15;
	__u32 at = (mixed >> (64 - TASK_SLOTS_SHIFT)) + attempt * (mixed | 1);

	at &= TASK_SLOTS - 1;
	return bpf_map_lookup_elem(&task_slots, &at);
}

/* A walk along a task's slots: `seat` is what was found, or is to be entered. */
struct slot_walk {
	__u64 task;
	__u32 seat;
	__u32 done;
};

REPEATED long slot_find(__u32 attempt, void *context)
{
	struct slot_walk *walk = context;
	struct task_slot *slot = task_slot(walk->task, attempt);

	if (!slot || slot->task != walk->task)
		return 0;
	walk->seat = slot->seat;
	return 1;
}

/* On its own, as the next two, so that the verifier walks it once a program. */
__noinline int task_seat_elsewhere(__u64 task)
{
	struct slot_walk walk = {.task = task};

	repeat(TASK_TRIES, TASK_TRIES, slot_find, &walk);
	return walk.seat;
}

static __always_inline struct task_state *state_by_address(__u64 task)
{
	struct task_slot *slot = task_slot(task, 0);
	__u32 seat;

	if (!slot)
		return NULL;
	if (slot->task == task)
		seat = slot->seat;
	else if (slot->displaced)
		seat = task_seat_elsewhere(task);
	else
		return NULL;
	return seat ? bpf_map_lookup_elem(&tasks, &seat) : NULL;
}

static __always_inline struct task_state *state_of(struct task_struct *task)
{
	return state_by_address(as_number(task));
}

/* Somebody may look for the task as soon as the slot has it: it comes last. */
REPEATED long slot_take(__u32 attempt, void *context)
{
	struct slot_walk *walk = context;
	struct task_slot *slot = task_slot(walk->task, attempt);

	if (slot && !slot->task && !compare_exchange(&slot->seat, 0, walk->seat)) {
		barrier();
		slot->task = walk->task;
		walk->done = 1;
		return 1;
	}
	slot = task_slot(walk->task, 0);
	if (slot)
		slot->displaced = 1;
	return 0;
}

/* With a state of zeroes; 0: there is no room. */
__noinline int task_seat_make(__u64 task)
{
	struct slot_walk walk = {.task = task};

	if (bpf_map_pop_elem(&free_seats, &walk.seat))
		walk.seat = task_seats < TASKS_MOST ? fetch_add(&task_seats, 1) : TASKS_MOST;
	if (walk.seat >= TASKS_MOST)
		return 0;
	if (!bpf_map_update_elem(&tasks, &walk.seat, &task_zero, BPF_ANY))
		repeat(TASK_TRIES, TASK_TRIES, slot_take, &walk);
	if (walk.done)
		return walk.seat;
	bpf_map_push_elem(&free_seats, &walk.seat, 0);
	return 0;
}

/* The one that it has, if it has one. */
static __always_inline struct task_state *state_make(struct task_struct *task)
{
	__u64 address = as_number(task);
	struct task_state *state = state_by_address(address);
	__u32 seat;

	if (state)
		return state;
	seat = task_seat_make(address);
	state = seat ? bpf_map_lookup_elem(&tasks, &seat) : NULL;
	if (!state)
		return NULL;
	state->seat = seat;
	state->task = address;
	fetch_add(&task_generation, 1);
	return state;
}

/* All of them: a task may have been given two, by who forked it and by who attached to it at the same moment. */
REPEATED long slot_leave(__u32 attempt, void *context)
{
	struct slot_walk *walk = context;
	struct task_slot *slot = task_slot(walk->task, attempt);
	__u32 seat;

	if (!slot || slot->task != walk->task)
		return 0;
	seat = slot->seat;
	slot->task = 0;
	barrier();
	slot->seat = 0;
	bpf_map_push_elem(&free_seats, &seat, 0);
	return 0;
}

__noinline int task_seat_leave(__u64 task)
{
	struct slot_walk walk = {.task = task};

	repeat(TASK_TRIES, TASK_TRIES, slot_leave, &walk);
	return 0;
}

static __always_inline void state_drop(struct task_struct *task)
{
	__u64 address = as_number(task);
	struct task_state *state = state_by_address(address);

	if (!state)
		return;
	state->task = 0;
	task_seat_leave(address);
}

/* Execs of a task, itself and before it was forked, and one, so that 0 is none of them (begin_new_exec() in fs/exec.c).
 */
static __always_inline __u64 execs_of(struct task_struct *task)
{
	return kernel_read(task, self_exec_id) + 1;
}

/* Set by the loader when it has seen enough: whatever is charged from then on is not counted, anywhere. */
volatile __u32 stopping = 0;

/* Set by the loader while durations are wanted: reading the clock costs more than counting. */
volatile __u32 timing = 1;

/* Where the kernel has all memory, and the array of struct page; set by the loader where it knows (0: not). */
__u64 direct_map = 0;
__u64 page_array = 0;

/*
 * The current task's, for what a hook calls. Whether the hook counts was decided when it began (task_known_again) and
 * is not asked again: of one that `stopping` overtakes, half would be missing.
 */
static __always_inline struct task_state *task_known(void)
{
	return state_by_address(bpf_get_current_task());
}

/*
 * What was found last on each processor, which is mostly what is looked for next: a task's seat, and a task that has
 * none. The latter holds while no task has been given a seat since; it is written before that number is, so that a
 * program that is preempted in between leaves an old number, and no wrong task with a new one.
 */
struct latest_task {
	__u64 foreign;
	__u64 generation;
	__u64 seat;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct latest_task);
} latest_tasks SEC(".maps");

/* For hooks, which fire again and again: the current task's, while counting goes on. */
static __always_inline struct task_state *task_known_again(struct task_struct *task)
{
	__u32 zero = 0, seat;
	struct latest_task *latest = bpf_map_lookup_elem(&latest_tasks, &zero);
	__u64 generation = task_generation, address;
	struct task_state *state;

	if (stopping || !latest)
		return NULL;
	seat = latest->seat;
	state = bpf_map_lookup_elem(&tasks, &seat);
	if (state && state->task == (__u64)task)
		return state;
	if (latest->foreign == (__u64)task && latest->generation == generation)
		return NULL;
	address = bpf_get_current_task();
	state = state_by_address(address);
	if (state) {
		latest->seat = state->seat;
		return state;
	}
	latest->foreign = address;
	barrier();
	latest->generation = generation;
	return NULL;
}

#endif
