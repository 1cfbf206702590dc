/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * A sweep: faults of one task in the same 64 pages that are all alike, so that whoever does nothing but touch fresh
 * memory pays little for each. A fault is of a sweep if it is a program's write to a page that is not there, has the
 * fate of the ones before (never touched, or given back by the same purger) and the same owner, and if the kernel
 * zeroed one page for it. As soon as anything differs, or any other hook looks at the task, the sweep ends: it becomes
 * what would be there had each fault been settled by itself (task.h), with its last one pending.
 *
 * Only where nobody else shares the address space, and the hooks can't be skipped; and not while durations are wanted,
 * or a page's sample or a stack is due. That the kernel has charged its faults is seen when it ends: what it may have
 * charged else comes of system calls, which end it.
 *
 * It is kept for a processor rather than for a task (here.h). Only its task writes to it, wherever it runs, or the
 * loader's last look; if the processor has one already, another task goes without.
 */
#ifndef HAKMEM_BPF_SWEEP_H
#define HAKMEM_BPF_SWEEP_H

#include "cause.h"
#include "classify.h"
#include "gather.h"
#include "here.h"
#include "sample.h"
#include "stacks.h"

#ifdef OLD_KERNEL

/* No history of pages is kept there. */
static __always_inline bool sweep_goes_on(struct processor *here, __u64 stack, __u64 address, __u64 error)
{
	return false;
}

static __always_inline bool sweep_zeroed(struct processor *here, __u64 stack, __u32 gfp, __u32 order)
{
	return false;
}

static __always_inline void sweep_begin(struct task_state *state, __u64 stack, __u64 error)
{
}

static __always_inline void sweep_end(struct task_struct *task, struct task_state *state)
{
}

#else

/*
 * A fault begins. True: the sweep goes on with it, and there is nothing else to do. Who sets `stopping` or `timing`
 * changes the table's generation, too.
 */
static __always_inline bool sweep_goes_on(struct processor *here, __u64 stack, __u64 address, __u64 error)
{
	struct sweep *sweep = &here->sweep;
	__u64 left, page;

	if (sweep->stack != stack || sweep->window != address >> SWEEP_SHIFT || sweep->generation != table_generation ||
	    sweep->begun != sweep->zeroed)
		return false;
	if ((error & (FAULT_BY_USER | FAULT_WRITE | FAULT_PRESENT)) != (FAULT_BY_USER | FAULT_WRITE))
		return false;
	page = 1ULL << (address >> PAGE_SHIFT & (SWEEP_PAGES - 1));
	left = sweep->left;
	if (!(left & page))
		return false;
	sweep->left = left & ~page;
	sweep->begun++;
	sweep->address = address;
	return true;
}

/* The page allocator handed out 2^order pages. True: it was a single one, the first of a sweep's fault. */
static __always_inline bool sweep_zeroed(struct processor *here, __u64 stack, __u32 gfp, __u32 order)
{
	struct sweep *sweep = &here->sweep;

	if (order || (gfp & (GFP_ZERO | GFP_HIGHMEM)) != (GFP_ZERO | GFP_HIGHMEM))
		return false;
	if (!is_on_stack(stack, sweep->stack) || sweep->zeroed == sweep->begun)
		return false;
	sweep->zeroed++;
	return true;
}

/* The pages of a word with the same fate as the costs that were gathered last. */
static __always_inline __u64 pages_alike(const struct history_word *word, __u32 cause, __u32 purger)
{
	__u64 pages = word->purged;

	if (cause != CAUSE_PURGED)
		return ~(pages | word->touched);
	for (__u32 i = 0; i < PURGER_BITS; i++)
		pages &= word->purger[i] ^ ((__u64)(purger >> i & 1) - 1);
	return pages;
}

/* Those of the pending fault's window that it, and all others of them, would be charged to where the last ones were. */
static __always_inline __u64 sweep_window_pages(struct task_state *state)
{
	__u32 place = state->history, owner = state->place.request,
	      at = state->address >> SWEEP_SHIFT & (HISTORY_WORDS - 1),
	      bit = state->address >> PAGE_SHIFT & (SWEEP_PAGES - 1);
	const struct account_key *last = &state->gathered_place.key;
	struct history *node = bpf_map_lookup_elem(&histories, &place);
	__u64 chunk = state->address >> HAKMEM_CHUNK_SHIFT;

	if (!node || node->chunk != chunk || node->space != state->space)
		return 0;
	if (last->cause == CAUSE_PURGED ? cause_purger(&node->word[at], bit, owner) != last->purger
	                                : last->cause != CAUSE_FIRST_TOUCH)
		return 0;
	return pages_alike(&node->word[at], last->cause, last->purger) &
	       word_pages(chunk, at, PAGE_ALIGN(state->known.start) >> PAGE_SHIFT, state->known.end >> PAGE_SHIFT);
}

/* Whether the pending fault is where the last ones were, whatever its cause, and none of the next ones must stand out.
 */
static __always_inline bool sweep_is_possible(struct task_state *state)
{
	const struct place *place = &state->place, *last = &state->gathered_place;
	__u32 kind = OWNER_KIND(place->request);

	if (!state->alone || state->begin_ns || state->error != (FAULT_KNOWN | FAULT_WRITE) || state->populating)
		return false;
	if (!state->gathered.faults || place->key.owner != last->key.owner || place->slot != last->slot ||
	    place->key.block_size != last->key.block_size || state->now != last->key.phase)
		return false;
	if (state->known.map || state->now == PHASE_BEFORE_MAIN || !kind || is_shared(kind) || is_private_file(kind))
		return false;
	if (SAMPLES_KEPT && state->sample_in < SWEEP_PAGES << PAGE_SHIFT)
		return false;
	return !stacks_kept() || (!state->stack_taken && state->stack_faults.left > SWEEP_PAGES);
}

/* On its own, so that the verifier walks it once a program. */
__noinline int sweep_begin_here(__u64 stack)
{
	struct task_state *state = task_known();
	__u32 processor = bpf_get_smp_processor_id();
	struct processor *here = processor_of(processor);
	__u64 pages, page;

	if (!state || !here || here->sweep.stack || !is_known(state, state->address) || !sweep_is_possible(state))
		return 0;
	page = 1ULL << (state->address >> PAGE_SHIFT & (SWEEP_PAGES - 1));
	pages = sweep_window_pages(state);
	if (!(pages & page))
		return 0;
	here->sweep = (struct sweep){
	    .stack = stack,
	    .window = state->address >> SWEEP_SHIFT,
	    .left = pages & ~page,
	    .generation = state->known.table_generation,
	    .begun = 1,
	    .address = state->address,
	    .pages = pages,
	};
	state->sweep = processor + 1;
	return 0;
}

/*
 * A fault has begun, and its place is known. To begin a sweep takes as long as a fault or two of none, so it is for
 * those who were in the same 64 pages before.
 */
static __always_inline void sweep_begin(struct task_state *state, __u64 stack, __u64 error)
{
	__u64 window = state->address >> SWEEP_SHIFT;

	if (!sweeps || !state->alone)
		return;
	if (window == state->window && error & FAULT_BY_USER)
		sweep_begin_here(stack);
	state->window = window;
}

/* Those that are over have touched their pages, and count. */
static __always_inline void sweep_settle(struct task_state *state, const struct sweep *sweep, __u64 settled)
{
	__u64 last = 1ULL << (sweep->address >> PAGE_SHIFT & (SWEEP_PAGES - 1)), bytes = settled << PAGE_SHIFT;
	__u32 place = state->history, at = sweep->window & (HISTORY_WORDS - 1);
	struct history *node = bpf_map_lookup_elem(&histories, &place);

	if (node)
		history_touch_word(&node->word[at], sweep->pages & ~sweep->left & ~last, true);
	state->minor += settled;
	state->charged_minor += settled;
	state->swept += settled;
	state->gathered.faults += settled;
	state->gathered.zeroed_bytes += bytes;
	state->gathered.zero_events += settled;
	if (SAMPLES_KEPT)
		state->sample_in -= bytes;
	if (stacks_kept())
		state->stack_faults.left -= settled;
}

/* Of any task, for the loader's last look is at those that aren't current. `minor` is what the kernel has charged it.
 */
__noinline int sweep_end_of(__u64 task, __u64 minor)
{
	struct task_state *state = state_by_address(task);
	struct processor *there = state ? processor_of(state->sweep - 1) : NULL;
	struct sweep *sweep;
	__u64 settled, zeroed;

	if (!state || !there)
		return 0;
	sweep = &there->sweep;
	settled = sweep->begun - 1;
	if (settled > minor - state->minor)
		settled = minor - state->minor;
	zeroed = sweep->zeroed - settled;
	if (settled)
		sweep_settle(state, sweep, settled);
	state->address = sweep->address;
	state->fault.zeroed_bytes = zeroed << PAGE_SHIFT;
	state->fault.zero_events = zeroed;
	if (zeroed)
		state->error |= FAULT_ZEROED;
	state->sweep = 0;
	barrier();
	sweep->stack = 0;
	return 0;
}

static __always_inline void sweep_end(struct task_struct *task, struct task_state *state)
{
	if (sweeps && state->sweep)
		sweep_end_of(state->task, kernel_read(task, min_flt));
}

#endif
#endif
