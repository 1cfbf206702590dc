/* SPDX-License-Identifier: MIT */
/*
 * How the allocator adapts to what its memory costs (HAKMEM_ASSIST): how many pages are made present at once, where
 * huge pages are asked for, and how long free memory is kept. Only here is anything decided, by pure functions: no
 * globals, no system calls, no clock. assist.c gathers what they are told and keeps what they answer.
 *
 * Each decision is a level, from 0 to a highest one, which moves one step at a time (struct policy_choice). A look at
 * the evidence ends in a wish: up, down or neither. So many wishes in a row change the level: one at first, twice as
 * many with each turn of direction up to 2^patience, half as many after each POLICY_CALM looks without a change. So
 * whatever the inputs are, in N looks the level turns patience + 1 + N / 2^patience + N / POLICY_CALM times at most.
 * Evidence fades, so any level can be left again.
 *
 * With steady evidence a decision settles, whatever was before it:
 *     prefault    within POLICY_SETTLES_PREFAULT SuperSlabs' worth of the class's slabs
 *     huge pages  within POLICY_SETTLES_HUGE SuperSlabs
 *     delay       within POLICY_SETTLES_DELAY looks, each after memory was given back or used again
 */
#ifndef HAKMEM_POLICY_H
#define HAKMEM_POLICY_H

#include "common.h"

/* --- What things cost, in ns --- */

/*
 * Built in, until a tracer's measurements take their place. A fault on this project's machine takes about 1,536 ns
 * (docs/overhead.md, fault_loop). What of it a batch saves, and what the rest costs, is in the proportions that
 * MADV_POPULATE_WRITE of 1 to 512 pages has to faults there; a huge page's fault likewise. docs/allocator.md has how
 * these were measured.
 */
struct policy_costs {
	uint64_t page;   /* of a small page in a fault: finding memory for it and clearing it */
	uint64_t trap;   /* of its fault besides: what a batch of pages saves a page */
	uint64_t call;   /* of a call that makes a batch present */
	uint64_t purge;  /* of giving a small page back */
	uint64_t huge;   /* of a huge page's fault */
	uint64_t even;   /* of a huge page's small ones so many of POLICY_WHOLE cost as much as it */
	bool measured;   /* `page`, by a tracer, of late */
	bool huge_given; /* the kernel has huge pages for whoever asks */
};

#define POLICY_PAGE_NS  1144
#define POLICY_TRAP_NS  392
#define POLICY_CALL_NS  950
#define POLICY_PURGE_NS 370
#define POLICY_HUGE_NS  150000
#define POLICY_WHOLE    256
#define POLICY_EVEN     (POLICY_WHOLE * POLICY_HUGE_NS / (CHUNK_SIZE / PAGE_SIZE * (POLICY_PAGE_NS + POLICY_TRAP_NS)))

/* Measured costs are believed between an eighth and 32 times the built-in ones. */
#define POLICY_CHEAPEST 8
#define POLICY_DEAREST  32

/*
 * What holding memory costs. Where processors and memory are rented or bought together, one processor is had with about
 * POLICY_GIB gibibytes, each half of the price: so a second of a processor is worth that much memory for a second, and
 * a page for a second 954 ns.
 */
#define POLICY_GIB            4
#define POLICY_PAGE_SECOND_NS (1000000000 / (POLICY_GIB << 18))

struct policy_costs policy_costs_built_in(void);

/* What a tracer counted of a range, of whatever plausibility. */
struct policy_sample {
	uint64_t faults;
	uint64_t timed;
	uint64_t fault_ns;
	uint64_t zeroed_bytes;
};

/* Of several that are alike. Of times, the least mean of a range stands for all: a fault's time is also what the
 * processor did for others meanwhile. */
struct policy_sum {
	uint64_t faults;
	uint64_t zeroed_bytes;
	uint64_t ranges;   /* of which enough was timed */
	uint64_t least_ns; /* the mean of a fault, of one of these */
};

/* Adds a range of small pages, or one where huge ones were asked for. */
void policy_sum_add(struct policy_sum *sum, const struct policy_sample *sample, bool huge);
/* Takes in what ranges of small pages cost, and ranges where huge ones were asked for: a quarter of what is new, so
 * that a sample that is off does little. What is not measured any more goes back to what is built in. One is held
 * against the other only where both were timed in the same look: what is built in says nothing of a machine that is
 * slow, or busy. */
void policy_costs_learn(struct policy_costs *costs, const struct policy_sum *small, const struct policy_sum *huge);

/* --- Levels --- */

#define POLICY_PATIENCE_PREFAULT 5 /* a change takes 32 wishes at most */
#define POLICY_PATIENCE_HUGE     4
#define POLICY_PATIENCE_DELAY    3
#define POLICY_CALM              256

enum policy_reason {
#define POLICY_REASON(name, text) POLICY_##name,
	HAKMEM_REASONS(POLICY_REASON)
#undef POLICY_REASON
	    POLICY_REASONS,
};

/* A few words on it. */
const char *policy_reason_text(enum policy_reason reason);

struct policy_choice {
	uint8_t level;
	uint8_t reason; /* of the last wish */
	uint8_t patience;
	uint8_t row;      /* wishes alike, one after another */
	int8_t wish;      /* of these */
	int8_t direction; /* of the last change */
	uint16_t calm;    /* looks since a change */
	uint32_t changes;
};

/* A look that ended in a wish; true when the level changed. */
bool policy_choose(
    struct policy_choice *choice, int wish, enum policy_reason reason, unsigned int highest, unsigned int patience);

/* --- Prefault: how many pages of a slab of a class are made present at once --- */

#define POLICY_BATCHES          3 /* levels above 0, which is none: 4, 8 and 16 pages */
#define POLICY_SLAB_PAGES       16
#define POLICY_SETTLES_PREFAULT 8

/* What its slabs have taught about a class, fading: had there been batches, how many pages they would have made
 * present, and how many of these nobody would have touched. */
struct policy_class {
	struct policy_choice choice;
	uint16_t populated[POLICY_BATCHES];
	uint16_t untouched[POLICY_BATCHES];
};

unsigned int policy_batch_pages(unsigned int level);
/* A slab of the class came to its end, or was full: so many of its pages were touched, at first use. */
void policy_class_note(struct policy_class *class, unsigned int touched);
/* A slab of the class is about to be taken. */
bool policy_class_look(struct policy_class *class, const struct policy_costs *costs);

/* Of all pages of slabs, no more than this share is ever made present and not touched yet. */
#define POLICY_AHEAD_SHARE 32

/*
 * How many pages to make present when carving touches the next `needed` of the `room` pages that are left of a slab:
 * of all slabs `touched` pages are, and `ahead` were made present and are not yet. 0: let them fault.
 */
unsigned int policy_batch(unsigned int level, unsigned int needed, unsigned int room, int64_t ahead, uint64_t touched);

/* --- Huge pages: levels 0, forbidden, and 1, asked for --- */

#define POLICY_SETTLES_HUGE 32

/* A chunk is about to be mapped: of the newest ones, of `counted` bytes, `used` are touched. What is dense gets huge
 * pages, as without assistance, unless it was measured that they cost twice what their small ones do. */
bool policy_huge_look(struct policy_choice *choice, const struct policy_costs *costs, size_t used, size_t counted);

/* --- Delay: how long free memory is kept that nobody needs --- */

#define POLICY_TICKS_SECOND  10
#define POLICY_DELAYS        5 /* levels: half a second, 1, 2, 4 and 8 */
#define POLICY_DELAY_FIRST   1
#define POLICY_TICKS_MOST    80
#define POLICY_SETTLES_DELAY 40

enum policy_pool { POLICY_SMALL, POLICY_MEDIUM, POLICY_LARGE, POLICY_POOLS };

/*
 * What keeping for longer, or not so long, would have been worth. Memory that was given back leaves a ghost for as long
 * as keeping it would have cost less than having it again: what the program touches for the first time meanwhile, of
 * the same pool, it need not have. And how much half the delay would have given back by now is known, too, the shadow:
 * what of that is used again was saved by the other half, and what is given back after all was kept in vain.
 */
struct policy_delay {
	struct policy_choice choice;
	uint32_t tick;
	size_t lowest[POLICY_TICKS_MOST];                /* kept, at the least, in each of the last ticks */
	uint64_t ghost[POLICY_POOLS][POLICY_TICKS_MOST]; /* pages */
	uint64_t shadow;                                 /* bytes that half the delay would not have kept */
	uint64_t shadow_price;                           /* ns, of keeping it: it isn't known yet whether in vain */
	uint64_t touched_small, touched_huge;            /* pages that were touched for the first time, ever */
	bool news;                                       /* since the last look */
	uint64_t longer_gain, longer_price, half_gain, half_price; /* ns, since the last look, and before it by half */
	uint64_t regretted, returned; /* pages: touched again while a ghost of them was there; given back */
};

/* Starts anew with the choice and the totals that it had. */
void policy_delay_begin(struct policy_delay *delay);
unsigned int policy_delay_ticks(const struct policy_delay *delay);
/* Bytes of memory that were kept at the least in the last tick. Returns how many nobody needed for a delay. */
size_t policy_delay_tick(struct policy_delay *delay, const struct policy_costs *costs, size_t lowest);
/* So many bytes of these were to be given back. */
void policy_delay_gave(struct policy_delay *delay, size_t bytes);
/* So many pages were, of a pool. */
void policy_delay_returned(struct policy_delay *delay, enum policy_pool pool, uint64_t pages);
/* So many pages were touched for the first time since the last tick, of which some are parts of huge ones. Called
 * before policy_delay_tick(). */
void policy_delay_touched(
    struct policy_delay *delay, const struct policy_costs *costs, enum policy_pool pool, uint64_t small, uint64_t huge);
/* A tick has passed: thinks the delay over when it is time. True when it changed. */
bool policy_delay_look(struct policy_delay *delay);

#endif
