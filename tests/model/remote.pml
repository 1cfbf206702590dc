/* SPDX-License-Identifier: MIT */
/*
 * The list of blocks that other threads have freed (foreign_send_home in alloc/foreign.c, heap_collect in alloc/heap.c). Threads push by compare-and-swap;
 * the owner takes the list whole, frees each block, gives empty slabs back and lets blocks out again, which other threads
 * free again.
 *
 * Each block that was freed is collected once, and a slab has the owner it had when a thread began to push. BROKEN=1: the owner
 * reads and clears in two steps; 2: a push that failed links what was first before; 3: what is pushed does not count as live.
 */
#define BLOCKS  3
#define PUSHERS 2
#define TIMES   5 /* blocks let out in all */
#define NONE    255
#ifndef BROKEN
#define BROKEN 0
#endif

byte remote = NONE;      /* the heap's list */
byte next[BLOCKS];       /* in each block */
bool out[BLOCKS];        /* the program has it, or one who is freeing it */
bool pushed[BLOCKS];     /* on its way to the owner */
byte live;               /* of the one slab */
bool owned;              /* by this heap */
byte given = 0;
chan hands = [BLOCKS] of { byte }; /* blocks that threads are to free */
bool ended = false;

proctype pusher()
{
	byte block, first;
	bool success;

	do
	:: hands?block ->
		assert(owned); /* the owner is read here */
		if
		:: BROKEN == 3 -> live--
		:: else
		fi;
		first = remote;
		next[block] = first;
		success = false;
		do
		:: !success ->
			atomic {
				/* Each compare-and-swap that fails reads what is first. */
				if
				:: remote == first -> assert(owned); remote = block; pushed[block] = true; success = true
				:: else -> first = remote
				fi
			}
			if
			:: !success && BROKEN != 2 -> next[block] = first
			:: else
			fi
		:: success -> break
		od
	:: ended && empty(hands) -> break
	od
}

inline collect()
{
	if
	:: remote != NONE ->
		if
		:: BROKEN == 1 -> list = remote; remote = NONE
		:: else -> atomic { list = remote; remote = NONE }
		fi
	:: else -> list = NONE
	fi;
	do
	:: list != NONE ->
		following = next[list];
		d_step {
			assert(out[list] && pushed[list]);
			out[list] = false;
			pushed[list] = false
		}
		if
		:: BROKEN != 3 -> live--
		:: else
		fi;
		list = following
	:: else -> break
	od;
	/* An empty slab goes back to the pool. */
	atomic {
		if
		:: live == 0 -> owned = false
		:: else
		fi
	}
}

proctype owner()
{
	byte list, following, block;

	do
	:: given < TIMES ->
		if
		:: true -> collect()
		:: true ->
			atomic {
				if
				:: !out[0] -> block = 0
				:: !out[1] -> block = 1
				:: !out[2] -> block = 2
				:: else -> block = NONE
				fi;
				if
				:: block != NONE -> out[block] = true; live++; owned = true; given++; hands!block
				:: else
				fi
			}
		fi
	:: given == TIMES -> break
	od;
	ended = true;
	/* Nothing was lost: all come back. */
	do
	:: live != 0 && (remote != NONE || timeout) -> assert(remote != NONE); collect()
	:: live == 0 -> break
	od
}

init {
	atomic { run owner(); run pusher(); run pusher() }
}
