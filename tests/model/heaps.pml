/* SPDX-License-Identifier: MIT */
/*
 * Who has a heap (alloc/thread.c): threads come, take over an abandoned heap or make one, and leave it; a thread that needs
 * memory flushes abandoned heaps; a thread without one borrows; a fork freezes, in the child, what is attached to others.
 *
 * One at a time touches a heap, the count of heaps that are kept ready is right, and what others touch at a fork is frozen. BROKEN=1:
 * flushing abandoned heaps takes no lock; 2: an ending thread abandons its heap before it flushes it.
 */
#define HEAPS     3
#define THREADS   2
#define TURNS     2
#define KEPT_MOST 1
#define NONE      255
#ifndef BROKEN
#define BROKEN 0
#endif

mtype = { ABSENT, ATTACHED, ABANDONED };
mtype state[HEAPS] = ABSENT;
bool ready_kept[HEAPS];
byte inside[HEAPS]; /* threads that touch it */
byte abandoned = NONE, next[HEAPS]; /* a list */
byte made = 0, kept = 0;
bool locked = false;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

inline touch(heap)
{
	inside[heap]++;
	assert(inside[heap] == 1);
	inside[heap]--
}

inline take_heap()
{
	lock();
	mine = abandoned;
	if
	:: mine != NONE -> abandoned = next[mine]
	:: else -> mine = made; made++; assert(made <= HEAPS)
	fi;
	state[mine] = ATTACHED;
	kept = kept - ready_kept[mine];
	ready_kept[mine] = false;
	unlock()
}

inline abandon()
{
	lock();
	state[mine] = ABANDONED;
	next[mine] = abandoned;
	abandoned = mine;
	unlock()
}

inline reclaim()
{
	if
	:: BROKEN != 1 -> lock()
	:: else
	fi;
	each = abandoned;
	do
	:: each != NONE ->
		if
		:: ready_kept[each] ->
			kept--;
			ready_kept[each] = false
		:: else
		fi;
		touch(each);
		each = next[each]
	:: else -> break
	od;
	if
	:: BROKEN != 1 -> unlock()
	:: else
	fi
}

proctype thread()
{
	byte mine, each, turn;
	bool keeps;

	for (turn : 1 .. TURNS) {
		take_heap();
		touch(mine);
		if
		:: true -> reclaim()
		:: true
		fi;
		touch(mine);
		if
		:: true ->
			/* It ends. */
			lock();
			keeps = kept < KEPT_MOST;
			kept = kept + keeps;
			unlock();
			ready_kept[mine] = keeps
		:: true -> keeps = false /* It had borrowed the heap. */
		fi;
		if
		:: BROKEN != 2 -> touch(mine); abandon()
		:: else -> abandon(); touch(mine)
		fi
	}
}

/* What a child finds: the lock is held, and what is not attached is whole. */
proctype forking()
{
	lock();
	assert(state[0] == ATTACHED || inside[0] == 0);
	assert(state[1] == ATTACHED || inside[1] == 0);
	assert(state[2] == ATTACHED || inside[2] == 0);
	assert(kept <= KEPT_MOST);
	unlock()
}

init {
	byte count = 0, each;

	atomic { run thread(); run thread(); run forking() }
	_nr_pr == 1;
	each = abandoned;
	do
	:: each != NONE -> count = count + ready_kept[each]; each = next[each]
	:: else -> break
	od;
	assert(count == kept)
}
