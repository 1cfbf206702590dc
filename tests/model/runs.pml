/* SPDX-License-Identifier: MIT */
/*
 * The state of a medium run (alloc/runs.h), which the thread that has it in its cache and the helper change at once: the
 * thread takes it out, uses it, keeps it again or gives it back to its chunk; the helper marks it as seen, and next time
 * purges it in a pass, under the pool's lock. The thread writes the state without any barrier: what it has written may
 * stay in its processor's store buffer, unseen by the helper, until the lock's or the kernel's barrier (os_barrier), or
 * until it happens to leave it.
 *
 * A run is never purged while the program has it, nor once another thread may have it. BROKEN=1: taking it out does not
 * look whether there is a pass; 2: the helper has no barrier run; 3: giving back takes no lock; 4: the thread sees the
 * pass and does not wait; 5: the helper purges at once, in no pass.
 */
#define TURNS  4
#define PASSES 3
#ifndef BROKEN
#define BROKEN 0
#endif

bool cached = false, seen = false, purged = false; /* the word's bits */
bool buffered = false; /* that it is taken is written, but not to be seen yet */
byte passes = 0;
bool in_chunk = false; /* its length is 0: the chunk's, for anybody */
bool out = true;       /* the program has it */
bool zeroing = false;  /* the kernel takes its pages */
bool locked = false;
bool ended = false;

#define CLEAR cached = false; seen = false; purged = false
#define DRAIN if :: buffered -> CLEAR; buffered = false :: else fi

inline lock() { atomic { !locked -> locked = true } }
inline owner_lock() { atomic { !locked -> locked = true; DRAIN } }
inline unlock() { locked = false }

/* The compare-and-swap compares the whole word. */
#define SAME (cached == old_cached && seen == old_seen && purged == old_purged)
#define READ d_step { old_cached = cached; old_seen = seen; old_purged = purged }

proctype owner()
{
	byte turn, known = 0, looked;

	for (turn : 1 .. TURNS) {
		/* The program writes to it, and finds it as it was. */
		assert(!zeroing);
		/* runs_keep: written behind what is in the buffer */
		d_step { out = false; DRAIN; assert(!cached); cached = true }
		if
		:: true ->
			/* runs_take, and runs_claim if there is a pass, or was */
			buffered = true;
			looked = passes;
			if
			:: looked != known && BROKEN != 1 ->
				if
				:: BROKEN != 4 -> owner_lock(); unlock()
				:: else
				fi;
				if
				:: looked % 2 == 0 -> known = looked
				:: else
				fi
			:: else
			fi
		:: true ->
			/* runs_flush, then anybody takes it from the chunk */
			if
			:: BROKEN != 3 -> owner_lock()
			:: else
			fi;
			assert(cached);
			d_step { CLEAR; in_chunk = true }
			if
			:: BROKEN != 3 -> unlock()
			:: else
			fi;
			owner_lock();
			in_chunk = false;
			unlock()
		fi;
		out = true;
		assert(!zeroing)
	}
	ended = true
}

/* The processor writes out what is in its buffer, sooner or later. */
proctype processor()
{
	do
	:: d_step { buffered -> CLEAR; buffered = false }
	:: ended && !buffered -> break
	od
}

proctype helper()
{
	bool old_cached, old_seen, old_purged, idle = false, in_pass;
	byte turn;

	for (turn : 1 .. 2 * PASSES) {
		in_pass = idle && BROKEN != 5;
		if
		:: in_pass ->
			passes++;
			if
			:: BROKEN != 2 -> d_step { DRAIN }
			:: else
			fi
		:: else
		fi;
		lock();
		READ;
		if
		:: !old_cached || old_purged -> idle = false
		:: old_cached && !old_purged && !old_seen ->
			atomic {
				if
				:: SAME -> seen = true
				:: else
				fi
			};
			idle = true
		:: old_cached && !old_purged && old_seen && !in_pass && BROKEN != 5 -> idle = true
		:: old_cached && !old_purged && old_seen && (in_pass || BROKEN == 5) ->
			zeroing = true;
			assert(!out && !in_chunk);
			zeroing = false;
			atomic {
				if
				:: SAME -> seen = false; purged = true
				:: else
				fi
			};
			idle = false
		fi;
		unlock();
		if
		:: in_pass -> passes++
		:: else
		fi
	}
}

init {
	atomic { run owner(); run processor(); run helper() }
}
