/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * The state of each traced task, and settling: the kernel's own counters (kernel_read(task, min_flt), maj_flt) say what
 * was charged, hooks say where. Every hook first settles what was charged since the last one:
 *   - a fault that has begun and was charged belongs to its address; one that was not charged came to nothing;
 *   - charges that no hook saw (get_user_pages on the tracepoint rung) wait for the end of the system call, which knows
 *     the range that it populates; outside one they are `unseen`.
 * So the regions add up to the charge on every rung. A task's state is written by that task alone, by its parent before
 * it runs, and by the loader's last look.
 */
#ifndef HAKMEM_BPF_TASK_H
#define HAKMEM_BPF_TASK_H

#include "call_numbers.h"
#include "gather.h"
#include "sample.h"
#include "space.h"
#include "stacks.h"
#include "sweep.h"
#include "unplaced.h"

/* The current task's, for a hook that looks at it: a sweep goes on without. */
static __always_inline struct task_state *task_hooked(struct task_struct *task)
{
	struct task_state *state = task_known_again(task);

	if (state)
		sweep_end(task, state);
	return state;
}

/* The launcher's child counts as traced once exec has given it its new address space. */
static __always_inline struct task_state *current_traced(struct task_struct *task)
{
	struct task_state *state = task_hooked(task);

	if (!state || state->phase == TASK_UNTRACED)
		return NULL;
	if (state->phase == TASK_ARMED && (!state->execs || execs_of(task) == state->execs))
		return NULL; /* no system call of it has been seen yet, or it is still the launcher's program */
	return state;
}

static __always_inline struct task_state *task_traced(void)
{
	return current_traced(current_task());
}

static __always_inline bool is_file(__u32 kind)
{
	return kind <= OWNER_FILE && kind != OWNER_PROGRAM_BSS && kind != OWNER_IMAGE_BSS;
}

static __always_inline void fault_forget(struct task_state *state)
{
	state->pending = 0;
	state->begin_ns = 0;
	state->populating = 0;
	state->huge_bytes = 0;
	state->error = 0;
	state->order = 0;
	state->stack_taken = STACK_NOT_TAKEN;
	__builtin_memset(&state->fault, 0, sizeof(state->fault));
}

/* mmap's, brk's and mremap's range has no owner until they return; what they populate waits for that. */
static __always_inline bool maps_memory(__u32 call)
{
	return call == CALL_MMAP || call == CALL_BRK || call == CALL_MREMAP;
}

static __always_inline void fault_to_call(struct task_state *state, __u64 minor, __u64 major)
{
	state->extra.faults += minor + major;
	state->extra.major += major;
	state->extra.zeroed_bytes += state->fault.zeroed_bytes;
	state->extra.zeroed_twice_bytes += state->fault.zeroed_twice_bytes;
	state->extra.zero_events += state->fault.zero_events;
	state->extra.zero_timed_bytes += state->fault.zero_timed_bytes;
	state->extra.zero_ns += state->fault.zero_ns;
}

/* As cause_of_fault(). Memory of another process, or of a program to come, has no history here. */
static __always_inline __u32 fault_cause(struct task_state *state, bool major)
{
	__u32 cause;

	if (state->error & FAULT_FOREIGN)
		return OWNER_KIND(state->place.key.owner) == OWNER_STACK_MAIN ? CAUSE_FIRST_TOUCH : CAUSE_UNKNOWN;
	cause = major ? 0 : cause_at_once(state);
	if (cause)
		return cause;
	return cause_of_fault(
	    state->space, state->address, state->place.request, state->error | (major ? FAULT_MAJOR : 0), state->order);
}

/*
 * A page of its own was written for the first time, and nobody saw where it came from: its allocation's program may
 * have been skipped. Or it was not the page allocator's (hugetlb, userfaultfd), or is what a child left.
 */
static __always_inline void note_unallocated(const struct task_state *state, __u32 cause)
{
	struct totals *t;

	if (!allocations_hooked || state->error & (FAULT_ALLOCATED | FAULT_ZEROED) || !(state->error & FAULT_WRITE))
		return;
	if (is_shared(OWNER_KIND(state->place.request)) || cause == CAUSE_SWAP || cause == CAUSE_PROTECTION)
		return;
	t = totals_here();
	if (t)
		add(t->unallocated, 1);
}

/* Why the pending fault came, now that it is charged, and when. Once a fault: afterwards its page counts as touched. */
static __always_inline void fault_explain(struct task_state *state, bool major)
{
	__u32 cause;

	if (state->error & FAULT_EXPLAINED)
		return;
	cause = fault_cause(state, major);
	note_unallocated(state, cause & 0xff);
	state->error |= FAULT_EXPLAINED;
	state->place.key.cause = cause;
	state->place.key.purger = cause >> 8;
}

static __always_inline __u32 fault_sort(const struct task_state *state, __u32 major)
{
	__u32 sort = state->order >= HAKMEM_CHUNK_SHIFT - PAGE_SHIFT ? SORT_HUGE : state->order ? SORT_LARGE : 0;

	return major ? sort | SORT_MAJOR : sort;
}

/* The pending fault is over; charged or not, its zeroing happened. end_ns 0: its end was not seen. */
__noinline int fault_settle(__u64 end_ns, __u32 minor, __u32 major)
{
	struct task_state *state = task_known();
	__u32 kind;

	if (!state)
		return 0;
	kind = OWNER_KIND(state->place.key.owner);
	if (kind == OWNER_CALL) {
		fault_to_call(state, minor, major);
	} else if (unplaced_keep(state, end_ns, minor, major)) {
		/* It is settled once more. */
	} else if (minor || major || state->fault.zero_events) {
		if (minor || major)
			fault_explain(state, major);
		state->place.key.phase = state->now;
		state->place.key.sort = fault_sort(state, major);
		state->fault.faults = minor + major;
		state->fault.major = major;
		if (state->populating)
			state->fault.populated = minor + major;
		if (end_ns && state->begin_ns && minor + major) {
			state->fault.timed = 1;
			state->fault.ns = end_ns - state->begin_ns;
		}
		if (state->huge_bytes && !is_file(kind)) {
			state->fault.zeroed_bytes += state->huge_bytes;
			state->fault.zero_events++;
			if (end_ns && state->mark_ns) {
				state->fault.zero_timed_bytes += state->huge_bytes;
				state->fault.zero_ns += end_ns - state->mark_ns;
			}
		}
		waste_fault(state);
		if (stacks_kept())
			stack_settle(state);
		gather_cost(&state->place, &state->fault);
	}
	fault_forget(state);
	return 0;
}

/* What was allocated and cleared with no fault under way, nor one whose beginning was missed (fault_event.h), is the
 * call's. */
static __always_inline void stray_settle(struct task_state *state)
{
	if (!state->error && !state->fault.zero_events && !state->huge_bytes)
		return;
	fault_to_call(state, 0, 0);
	state->call_huge_bytes += state->huge_bytes;
	fault_forget(state);
}

/* An allocation's end was skipped, and it is asked_gfp that is left of it (zeroing.h). On its own, for it is rare. */
__noinline int allocation_recover(void);

static __always_inline bool charged_since(struct task_struct *task, struct task_state *state)
{
	return kernel_read(task, min_flt) != state->minor || kernel_read(task, maj_flt) != state->major;
}

/* Bring the task's account up to what the kernel has charged it. */
static __always_inline void settle(struct task_struct *task, struct task_state *state, __u64 end_ns)
{
	__u64 minor = kernel_read(task, min_flt), major = kernel_read(task, maj_flt);
	__u64 new_minor = minor - state->minor, new_major = major - state->major;

	if (state->asked_gfp)
		allocation_recover();
	if (new_minor || new_major) {
		state->minor = minor;
		state->major = major;
		state->charged_minor += new_minor;
		state->charged_major += new_major;
	}
	state->alike = 0;
	if (state->pending) {
		__u32 fault_major = 0, fault_minor = 0;

		/* Its own charge is the latest one. */
		if (new_major)
			fault_major = 1;
		else if (new_minor)
			fault_minor = 1;
		fault_settle(end_ns, fault_minor, fault_major);
		new_major -= fault_major;
		new_minor -= fault_minor;
	} else {
		stray_settle(state);
	}
	state->extra.faults += new_minor + new_major;
	state->extra.major += new_major;
}

/*
 * The common case, kept short because every fault pays for it: one minor fault, untimed, of the place that the last
 * ones were in, which somebody is known to have asked for. Returns false when settle() must do it.
 */
static __always_inline bool settle_quickly(struct task_struct *task, struct task_state *state)
{
	__u64 minor = kernel_read(task, min_flt);

	if (!state->pending || state->asked_gfp || minor != state->minor + 1 ||
	    kernel_read(task, maj_flt) != state->major || state->populating || state->huge_bytes ||
	    state->fault.zero_timed_bytes || state->gathered.faults >= GATHER_MOST || sample_due(state) ||
	    stack_wanted(state) || !state->place.request)
		return false;
	fault_explain(state, false);
	state->place.key.phase = state->now;
	state->place.key.sort = fault_sort(state, 0);
	if (!is_gathered(state, &state->place))
		return false;
	state->minor = minor;
	state->charged_minor++;
	state->alike++;
	sample_pass(state);
	stack_pass(state);
	state->gathered.faults++;
	state->gathered.zeroed_bytes += state->fault.zeroed_bytes;
	state->gathered.zeroed_twice_bytes += state->fault.zeroed_twice_bytes;
	state->gathered.zero_events += state->fault.zero_events;
	state->fault.zeroed_bytes = 0;
	state->fault.zeroed_twice_bytes = 0;
	state->fault.zero_events = 0;
	state->error = 0;
	state->order = 0;
	return true;
}

/* On its own, so that the verifier walks it once a program. */
__noinline int fault_classify(__u64 stack_pointer)
{
	struct task_state *state = task_known();

	if (state)
		classify(state->space, state->address, stack_pointer, &state->place);
	return 0;
}

/* Does the last answer hold for the pending fault? Then it is its place. */
static __always_inline bool fault_place_is_known(struct task_state *state)
{
	if (!is_known(state, state->address))
		return false;
	state->place = state->known.place;
	return true;
}

static __always_inline void fault_placed(struct task_state *state)
{
	if (stack_due(state))
		stack_of_fault(state);
}

/* Whose the fault is, if a rung's hook has no better answer. */
static __always_inline void fault_place(struct task_struct *task, struct task_state *state)
{
	if (!fault_place_is_known(state))
		fault_classify(user_stack_pointer(task));
	fault_placed(state);
}

/* The same without a function of its own, for whoever is one already: the verifier allows eight frames. */
static __always_inline void fault_place_here(struct task_struct *task, struct task_state *state)
{
	if (!fault_place_is_known(state))
		classify(state->space, state->address, user_stack_pointer(task), &state->place);
	fault_placed(state);
}

static __always_inline void fault_place_given(struct task_state *state, __u32 owner)
{
	state->place = (struct place){.key.owner = owner, .slot = NO_SLOT};
	state->error |= FAULT_FOREIGN;
	if (OWNER_KIND(owner) != OWNER_CALL)
		fault_placed(state);
}

static __always_inline void fault_begin(struct task_struct *task, struct task_state *state, __u64 address)
{
	if (!settle_quickly(task, state))
		settle(task, state, 0);
	space_follow(task, state);
	phase_follow(state);
	state->address = address;
	state->begin_ns = timing || (samples_wanted && stack_due(state)) ? bpf_ktime_get_ns() : 0;
	state->mark_ns = state->begin_ns;
	state->pending = 1;
}

/* Charges and zeroings that no fault explains go to `place`. */
static __always_inline void extra_settle(struct task_state *state, struct place *place, bool populated)
{
	place->key.phase = state->now;
	place->key.sort = 0;
	if (!state->extra.faults && !state->extra.zero_events)
		return;
	if (populated)
		state->extra.populated = state->extra.faults;
	stack_of_call(state, place, &state->extra);
	gather_cost(place, &state->extra);
	__builtin_memset(&state->extra, 0, sizeof(state->extra));
}

static __always_inline void extra_settle_owner(struct task_state *state, __u32 owner, __u32 cause, bool populated)
{
	struct place place = {.key.owner = owner, .key.cause = cause, .slot = NO_SLOT};

	extra_settle(state, &place, populated);
}

/* The same where nobody asked for it: charges are unseen, mere zeroing is the kernel's. */
static __always_inline void extra_settle_unseen(struct task_state *state)
{
	extra_settle_owner(
	    state, OWNER(state->extra.faults ? OWNER_UNSEEN : OWNER_KERNEL_OTHER, 0), CAUSE_UNKNOWN, false);
}

#endif
