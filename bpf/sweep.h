/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * A sweep: faults of one task that are all alike, so that whoever does nothing but touch fresh memory pays little for
 * each. A fault is of a sweep if it is a program's write to a page that is not there, has the fate of the ones before
 * (never touched, or given back by the same purger) and the same owner, and if the kernel zeroed one page for it. Where
 * it goes does not matter: it has 64 pages in view, and looks at others when it comes there. As soon as anything
 * differs, or any other hook looks at the task, the sweep ends: it becomes what would be there had each fault been
 * settled by itself (task.h), with its last one pending.
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
#include "owned.h"
#include "sample.h"
#include "stacks.h"

/* The bit of an address's page. */
#define SWEEP_PAGE(address) (1ULL << ((address) >> PAGE_SHIFT & (SWEEP_PAGES - 1)))

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

/* The pages of a word with the same fate as the sweep's. */
static __always_inline __u64 pages_alike(const struct history_word *word, __u32 cause, __u32 purger)
{
	__u64 pages = word->purged;

	if (cause != CAUSE_PURGED)
		return ~(pages | word->touched);
	for (__u32 i = 0; i < PURGER_BITS; i++)
		pages &= word->purger[i] ^ ((__u64)(purger >> i & 1) - 1);
	return pages;
}

/* The pages of a word that lie in windows which are all the sweep's owner's. */
static __always_inline __u64 pages_owned(const struct history *node, __u32 at, const struct sweep *sweep)
{
	__u64 owned = owned_read(node, sweep->generation), windows, pages = 0;

	if (OWNED_BY(owned) != sweep->owner)
		return 0;
	windows = owned >> at * (SWEEP_PAGES / WINDOW_PAGES);
	for (__u32 i = 0; i < SWEEP_PAGES / WINDOW_PAGES; i++)
		pages |= (windows >> i & 1) * ((1ULL << WINDOW_PAGES) - 1) << i * WINDOW_PAGES;
	return pages;
}

/*
 * Those of the 64 pages around an address whose fault would be of the sweep; 0: not that at the address. On its own, so
 * that the verifier walks it once a program.
 */
__noinline __u64 sweep_pages(__u32 place, __u64 address)
{
	struct processor *here = processor_of(bpf_get_smp_processor_id());
	__u32 at = address >> SWEEP_SHIFT & (HISTORY_WORDS - 1);
	__u64 page = SWEEP_PAGE(address), pages;
	struct address_range around = {};
	struct history *node;

	if (!here)
		return 0;
	node = history_at(place, here->sweep.space, address >> HAKMEM_CHUNK_SHIFT);
	if (!node)
		return 0;
	pages = pages_alike(&node->word[at], here->sweep.cause, here->sweep.purger);
	if (!(pages & page))
		return 0;
	if (!(pages_owned(node, at, &here->sweep) & page))
		owner_around(here->sweep.space, address, &around); /* which notes what it finds */
	pages &= pages_owned(node, at, &here->sweep);
	return pages & page ? pages : 0;
}

/* Where the history of its 64 pages is. */
static __always_inline struct history_word *sweep_word(const struct sweep *sweep)
{
	__u32 place = sweep->place;
	struct history *node = bpf_map_lookup_elem(&histories, &place);

	return node ? &node->word[sweep->window & (HISTORY_WORDS - 1)] : NULL;
}

/* Those of its 64 pages that its faults have touched so far. */
static __always_inline __u64 sweep_touched(const struct sweep *sweep)
{
	return sweep->pages & ~sweep->left;
}

/* It comes to other pages, or to some of the same 64 that were not known to be its owner's. */
static __always_inline bool sweep_moves(struct sweep *sweep, __u64 address)
{
	__u32 place = history_hinted(sweep->space, address >> HAKMEM_CHUNK_SHIFT);
	__u64 pages = sweep_pages(place, address);
	struct history_word *before = sweep_word(sweep);

	if (sweep->window == address >> SWEEP_SHIFT)
		pages &= ~sweep_touched(sweep);
	if (!before || !(pages & SWEEP_PAGE(address)))
		return false;
	history_touch_word_alone(before, sweep_touched(sweep), true);
	sweep->window = address >> SWEEP_SHIFT;
	sweep->place = place;
	sweep->moved++;
	sweep->pages = pages;
	sweep->left = pages;
	return true;
}

/*
 * A fault begins. True: the sweep goes on with it, and there is nothing else to do. Who sets `stopping` or `timing`
 * changes the table's generation, too.
 */
static __always_inline bool sweep_goes_on(struct processor *here, __u64 stack, __u64 address, __u64 error)
{
	struct sweep *sweep = &here->sweep;

	if (sweep->stack != stack || sweep->generation != table_generation || sweep->begun != sweep->zeroed ||
	    sweep->begun >= sweep->most)
		return false;
	if ((error & (FAULT_BY_USER | FAULT_WRITE | FAULT_PRESENT)) != (FAULT_BY_USER | FAULT_WRITE))
		return false;
	if ((sweep->window != address >> SWEEP_SHIFT || !(sweep->left & SWEEP_PAGE(address))) &&
	    !sweep_moves(sweep, address))
		return false;
	sweep->left &= ~SWEEP_PAGE(address);
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

/* So many before it were where the last ones are. */
#define SWEEP_ALIKE 2

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
	if (stacks_kept() && state->stack_taken)
		return false;
	return !last->key.sort && (last->key.cause == CAUSE_FIRST_TOUCH || last->key.cause == CAUSE_PURGED);
}

/* How many faults may come until one of them must stand out, or the maps be told. */
static __always_inline __u64 sweep_most(const struct task_state *state)
{
	__u64 most = GATHER_MOST;

	if (SAMPLES_KEPT && state->sample_in >> PAGE_SHIFT < most)
		most = state->sample_in >> PAGE_SHIFT;
	if (stacks_kept() && state->stack_faults.left < most)
		most = state->stack_faults.left;
	return most;
}

/* To begin one takes as long as some faults of none. */
#define SWEEP_LEAST 16

/* On its own, so that the verifier walks it once a program. */
__noinline int sweep_begin_here(__u64 stack)
{
	struct task_state *state = task_known();
	__u32 processor = bpf_get_smp_processor_id(), place;
	struct processor *here = processor_of(processor);
	struct sweep *sweep;
	__u64 most;

	if (!state || !here || here->sweep.stack || !is_known(state, state->address) || !sweep_is_possible(state))
		return 0;
	most = sweep_most(state);
	if (most < SWEEP_LEAST)
		return 0;
	place = history_hinted(state->space, state->address >> HAKMEM_CHUNK_SHIFT);
	sweep = &here->sweep;
	*sweep = (struct sweep){
	    .window = state->address >> SWEEP_SHIFT,
	    .generation = state->known.table_generation,
	    .begun = 1,
	    .address = state->address,
	    .most = most,
	    .place = place,
	    .space = state->space,
	    .owner = state->place.request,
	    .cause = state->gathered_place.key.cause,
	    .purger = state->gathered_place.key.purger,
	};
	sweep->pages = sweep_pages(place, state->address);
	if (!sweep->pages)
		return 0;
	sweep->left = sweep->pages & ~SWEEP_PAGE(state->address);
	sweep->stack = stack;
	state->sweep = processor + 1;
	return 0;
}

/* A fault has begun, and its place is known. */
static __always_inline void sweep_begin(struct task_state *state, __u64 stack, __u64 error)
{
	if (sweeps && state->alone && state->alike >= SWEEP_ALIKE && error & FAULT_BY_USER)
		sweep_begin_here(stack);
}

/* Those that are over have touched their pages, and count. */
static __always_inline void sweep_settle(struct task_state *state, const struct sweep *sweep, __u64 settled)
{
	struct history_word *word = sweep_word(sweep);
	__u64 bytes = settled << PAGE_SHIFT;

	if (word)
		history_touch_word(word, sweep_touched(sweep) & ~SWEEP_PAGE(sweep->address), true);
	state->minor += settled;
	state->charged_minor += settled;
	state->swept += settled;
	state->moved += sweep->moved;
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
