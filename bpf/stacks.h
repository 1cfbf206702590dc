/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Call stacks of a sample of the faults, for the loader to unwind and to name. A stack has to be taken while the fault
 * is under way, but what the fault costs, and whether it is charged at all, is known when it is settled: so both go to
 * the loader as records of their own, the stack first, with one number.
 *
 * Which faults: a task's faults are cut into blocks of `stride`, and of each block one is drawn, which stands for all
 * (as sample.h has it for pages, with the same reasons). What zeroes much at once (STACK_LARGE) is none of these: all
 * of it is taken. The stride is the loader's to set; between its looks it doubles with every so many stacks taken, so
 * that a sudden flood can't fill the ring. What a system call has populated counts as many faults as it is: if that is
 * more than the stride it is taken for certain, else with that probability. The same goes for pages that the kernel
 * zeroes for itself, which are a sequence of their own.
 *
 * A stack is frames, found by frame pointers, or the registers and the stack's memory, found by nobody yet. Stacks are
 * taken with faults disabled: what isn't there is left out.
 */
#ifndef HAKMEM_BPF_STACKS_H
#define HAKMEM_BPF_STACKS_H

#include "account.h"
#include "call_numbers.h"
#include "registers.h"
#include "stack_record.h"
#include "state.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the loader makes it larger when it wants stacks */
} stack_ring SEC(".maps");

volatile __u32 stack_stride = 1;  /* of the next block */
volatile __u32 stack_doubles = 1; /* it does after so many stacks; 0: never */
__u32 stacks_taken = 0;           /* since the loader's last look */
__u64 stacks_lost = 0;            /* for want of room */
__u64 stack_ns = 0;               /* that taking them took */
__u64 stack_woken_ns = 0;

#define STACK_DOUBLINGS  16
#define STACK_WAKE_NS    10000000
#define STACK_LARGE      (16 * PAGE_SIZE)
#define USER_FRAME_LEAST 0x1000

static __always_inline bool stacks_kept(void)
{
	return stacks_wanted != STACKS_NONE;
}

/* Wake the loader seldom: for the first of some stacks, and when it is about to be late. */
static __always_inline __u64 stack_wake(__u64 now)
{
	if (now - stack_woken_ns < STACK_WAKE_NS &&
	    bpf_ringbuf_query(&stack_ring, BPF_RB_AVAIL_DATA) < bpf_ringbuf_query(&stack_ring, BPF_RB_RING_SIZE) / 4)
		return BPF_RB_NO_WAKEUP;
	stack_woken_ns = now;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void stack_head(struct stack_head *head, __u32 kind, struct task_state *state, __u64 now)
{
	struct task_struct *task = current_task();

	head->kind = kind;
	head->process = process_in_view(task);
	head->thread = kernel_read(task, pid);
	head->sequence = state->stack_sequence;
	head->space = state->space;
	head->reserved = 0;
	head->time_ns = now;
	bpf_get_current_comm(head->comm, sizeof(head->comm));
}

/* Old kernels' helper wants a typed pointer to the task, which there is none of there. */
static __always_inline void stack_take_kernel(struct stack_kernel *kernel)
{
	kernel->count = 0;
#ifndef OLD_KERNEL
	if (kernel_stacks) {
		long size = bpf_get_task_stack(current_task(), kernel->frame, sizeof(kernel->frame), 0);

		kernel->count = size > 0 ? size / sizeof(kernel->frame[0]) : 0;
	}
#endif
}

static __always_inline int stack_take_frames(struct task_state *state, __u64 now)
{
	struct stack_frames *taken = bpf_ringbuf_reserve(&stack_ring, sizeof(*taken), 0);
	__u64 pointer;
	__u32 count = 1;

	if (!taken)
		return 0;
	stack_head(&taken->head, STACK_FRAMES, state, now);
	stack_take_kernel(&taken->kernel);
	taken->frame[0] = user_register(STACK_REGISTER_IP);
	pointer = user_register(STACK_REGISTER_BP);
	for (int i = 1; i < STACK_FRAMES_MOST; i++) {
		__u64 frame[2];

		if (bpf_probe_read_user(frame, sizeof(frame), (void *)pointer) || frame[1] < USER_FRAME_LEAST)
			break;
		taken->frame[i] = frame[1];
		count = i + 1;
		if (frame[0] <= pointer)
			break;
		pointer = frame[0];
	}
	taken->count = count;
	bpf_ringbuf_submit(taken, stack_wake(now));
	return 1;
}

/*
 * Whole pages, from the one that the stack pointer is in, so far as they are there: the fault may be the stack's own
 * growth. `most` is a constant.
 */
static __always_inline int stack_take_copy(struct task_state *state, __u64 now, __u32 most)
{
	struct stack_copy *taken = bpf_ringbuf_reserve(&stack_ring, sizeof(*taken) + most * PAGE_SIZE, 0);
	__u64 start;

	if (!taken)
		return 0;
	stack_head(&taken->head, STACK_COPY, state, now);
	stack_take_kernel(&taken->kernel);
	bpf_probe_read_kernel(taken->registers, sizeof(taken->registers), user_registers(current_task()));
	start = PAGE_ALIGN_DOWN(taken->registers[STACK_REGISTER_SP]);
	taken->start = start;
	taken->pages = most;
	taken->present = 0;
	for (__u32 i = 0; i < most; i++) {
		if (!bpf_probe_read_user(taken->bytes + i * PAGE_SIZE, PAGE_SIZE, (void *)(start + i * PAGE_SIZE)))
			taken->present |= 1ULL << i;
	}
	bpf_ringbuf_submit(taken, stack_wake(now));
	return 1;
}

/* How many pages of stack there are at most, from the stack pointer on. */
static __always_inline __u32 stack_pages(struct task_state *state)
{
	struct mm_struct *mm = BPF_CORE_READ(current_task(), mm);
	__u64 top = mm ? BPF_CORE_READ(mm, start_stack) : 0, pointer = user_stack_pointer(current_task());

	if (state->stack_top > pointer)
		top = state->stack_top;
	if (top <= pointer || top - pointer > STACK_COPY_MOST * PAGE_SIZE)
		return STACK_COPY_MOST;
	return ((PAGE_ALIGN(top) - PAGE_ALIGN_DOWN(pointer)) >> PAGE_SHIFT) + 1;
}

/*
 * While a program is being executed the registers are still the former one's, and the memory isn't. They tell, also of
 * a call whose begin was not seen; those of an exception tell of none.
 */
static __always_inline bool executes(void)
{
	__u64 call = user_register(STACK_REGISTER_CALL);

	return call == CALL_EXECVE || call == CALL_EXECVEAT;
}

static __always_inline int stack_take_exec(struct task_state *state, __u64 now)
{
	struct stack_head *taken = bpf_ringbuf_reserve(&stack_ring, sizeof(*taken), 0);

	if (!taken)
		return 0;
	stack_head(taken, STACK_EXEC, state, now);
	bpf_ringbuf_submit(taken, stack_wake(now));
	return 1;
}

/* Take the current task's stack, as number state->stack_sequence. On its own, so that the verifier walks it once a
 * program. Returns whether there was room. */
__noinline int stack_take(void)
{
	struct task_state *state = task_known();
	__u64 now = bpf_ktime_get_ns();
	__u32 pages;
	int taken;

	if (!state)
		return 0;
	state->stack_sequence++;
	if (executes()) {
		taken = stack_take_exec(state, now);
	} else if (stacks_wanted == STACKS_FRAMES) {
		taken = stack_take_frames(state, now);
	} else {
		pages = stack_pages(state);
		if (pages > stack_pages_most)
			pages = stack_pages_most;
		if (pages <= 2)
			taken = stack_take_copy(state, now, 2);
		else if (pages <= 8)
			taken = stack_take_copy(state, now, 8);
		else
			taken = stack_take_copy(state, now, STACK_COPY_MOST);
	}
	if (!taken)
		__sync_fetch_and_add(&stacks_lost, 1);
	__sync_fetch_and_add(&stack_ns, bpf_ktime_get_ns() - now);
	return taken;
}

/* One of the sample. */
static __always_inline int stack_sample(void)
{
	__sync_fetch_and_add(&stacks_taken, 1);
	return stack_take();
}

/* What the stack that was taken last has cost: state->stack_cost, which is of state->stack_key. It stands for weight /
 * units times as much. */
__noinline int stack_tell(__u64 address, __u32 weight, __u32 units)
{
	struct task_state *state = task_known();
	struct stack_cost *told;
	__u64 now = bpf_ktime_get_ns();

	if (!state)
		return 0;
	told = bpf_ringbuf_reserve(&stack_ring, sizeof(*told), 0);
	if (!told) {
		__sync_fetch_and_add(&stacks_lost, 1);
		return 0;
	}
	stack_head(&told->head, STACK_COST, state, now);
	told->key = state->stack_key;
	told->address = address;
	told->faults = state->stack_cost.faults;
	told->zeroed_bytes = state->stack_cost.zeroed_bytes;
	told->timed = state->stack_cost.timed;
	told->ns = state->stack_cost.ns;
	told->weight = weight;
	told->units = units;
	bpf_ringbuf_submit(told, stack_wake(now));
	return 0;
}

/* Draw one of the next block, `rest` faults after those of the block before. */
static __always_inline void stack_draw(struct stack_countdown *countdown)
{
	__u32 doublings = stack_doubles ? stacks_taken / stack_doubles : 0;
	__u32 stride = stack_stride << (doublings > STACK_DOUBLINGS ? STACK_DOUBLINGS : doublings), at;

	if (!stride)
		stride = 1;
	at = stride == 1 ? 0 : bpf_get_prandom_u32() % stride;
	countdown->left = countdown->rest + at;
	countdown->rest = stride - 1 - at;
	countdown->stride = stride;
}

/* Is the next fault of this task to have its stack taken? */
static __always_inline bool stack_due(struct task_state *state)
{
	if (!stacks_kept())
		return false;
	if (!state->stack_faults.stride)
		stack_draw(&state->stack_faults);
	return !state->stack_faults.left;
}

/* The pending fault can't be passed over; and what there is to do when it is. For each fault: see settle_quickly(). */
static __always_inline bool stack_wanted(const struct task_state *state)
{
	return stacks_kept() &&
	       (state->stack_taken || !state->stack_faults.left || state->fault.zeroed_bytes >= STACK_LARGE);
}

static __always_inline void stack_pass(struct task_state *state)
{
	if (stacks_kept())
		state->stack_faults.left--;
}

/* A fault is under way: take its stack if it is due, or if it is large. */
static __always_inline void stack_of_fault(struct task_state *state)
{
	if (!state->stack_taken)
		state->stack_taken = stack_sample() ? STACK_TAKEN : STACK_MISSED;
}

/* A fault is over, in state->fault and state->place; charged or not. */
static __always_inline void stack_settle(struct task_state *state)
{
	struct stack_countdown *countdown = &state->stack_faults;
	bool large = state->fault.zeroed_bytes >= STACK_LARGE, due = !large && stack_due(state);

	if (!large && !state->fault.faults)
		return;
	if (state->stack_taken == STACK_TAKEN && (large || due)) {
		state->stack_key = state->place.key;
		state->stack_cost = state->fault;
		stack_tell(state->address, due ? countdown->stride : 1, 1);
	}
	if (due)
		stack_draw(countdown);
	else if (!large)
		countdown->left--;
}

/* Something outside a fault has cost this. On its own, so that the verifier walks it once a program. */
__noinline int stack_now(__u64 address, __u32 units, __u32 which)
{
	struct task_state *state = task_known();
	struct stack_countdown *countdown;
	bool due;

	if (!state || !units)
		return 0;
	countdown = which ? &state->stack_kernel : &state->stack_faults;
	if (!countdown->stride)
		stack_draw(countdown);
	if (units >= countdown->stride) {
		if (stack_sample())
			stack_tell(address, 1, 1);
		return 0;
	}
	due = countdown->left < units;
	if (!due) {
		countdown->left -= units;
		return 0;
	}
	if (stack_sample())
		stack_tell(address, countdown->stride, units);
	/* The rest of these units are of the blocks that follow. */
	units -= countdown->left + 1;
	countdown->rest = countdown->rest > units ? countdown->rest - units : 0;
	stack_draw(countdown);
	return 0;
}

/* A call's populated pages, or zeroing that no fault explains. */
static __always_inline void stack_of_call(struct task_state *state, const struct place *place, const struct cost *cost)
{
	__u64 pages = cost->zeroed_bytes >> PAGE_SHIFT;

	if (!stacks_kept())
		return;
	state->stack_key = place->key;
	state->stack_cost = *cost;
	if (cost->faults)
		stack_now(state->argument[0], cost->faults, false);
	else
		stack_now(0, pages, true);
}

/* The kernel has zeroed pages for itself. */
static __always_inline void stack_of_kernel(
    struct task_state *state, const struct account_key *key, const struct cost *cost)
{
	if (!stacks_kept())
		return;
	state->stack_key = *key;
	state->stack_cost = *cost;
	stack_now(0, cost->zeroed_bytes >> PAGE_SHIFT, true);
}

#endif
