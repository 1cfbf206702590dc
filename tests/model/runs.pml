/* SPDX-License-Identifier: MIT */
/*
 * The state of a medium run (alloc/runs.h), which the thread that has it in its cache and the helper change at once: the
 * thread takes it out, uses it, keeps it again or gives it back to its chunk; the helper marks it as seen, and next time
 * purges it under the pool's lock.
 *
 * A run is never purged while the program has it, nor once another thread may have it. BROKEN=1: taking it out does not
 * wait for a purge; 2: the helper purges before it has changed the state; 3: giving back takes no lock; 4: the thread
 * does not set the state again that the helper has set meanwhile.
 */
#define TURNS 4
#ifndef BROKEN
#define BROKEN 0
#endif

bool cached = false, seen = false, purging = false, purged = false; /* the word's bits */
bool in_chunk = false; /* its length is 0: the chunk's, for anybody */
bool out = true;       /* the program has it */
bool zeroing = false;  /* the kernel takes its pages */
bool locked = false;
bool ended = false;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

/* The compare-and-swap compares the whole word. */
#define SAME (cached == old_cached && seen == old_seen && purging == old_purging && purged == old_purged)
#define READ d_step { old_cached = cached; old_seen = seen; old_purging = purging; old_purged = purged }
#define CLEAR cached = false; seen = false; purging = false; purged = false

proctype owner()
{
	bool old_purging;
	byte turn;

	for (turn : 1 .. TURNS) {
		/* The program writes to it, and finds it as it was. */
		assert(!zeroing);
		/* runs_keep */
		d_step { out = false; CLEAR; cached = true }
		if
		:: true ->
			/* runs_take: one exchange, and runs_claim if the helper has begun to purge */
			d_step { old_purging = purging; CLEAR }
			if
			:: old_purging ->
				if
				:: BROKEN != 1 -> lock(); unlock()
				:: else
				fi;
				if
				:: BROKEN != 4 -> d_step { CLEAR }
				:: else
				fi
			:: else
			fi
		:: true ->
			/* runs_flush, then anybody takes it from the chunk */
			if
			:: BROKEN != 3 -> lock()
			:: else
			fi;
			assert(cached);
			d_step { CLEAR; in_chunk = true }
			if
			:: BROKEN != 3 -> unlock()
			:: else
			fi;
			lock();
			in_chunk = false;
			unlock()
		fi;
		out = true;
		assert(!zeroing && !cached)
	}
	ended = true
}

proctype helper()
{
	bool old_cached, old_seen, old_purging, old_purged, success;

	do
	:: !ended ->
		lock();
		READ;
		if
		:: !old_cached || old_purged
		:: old_cached && !old_purged && !old_seen ->
			atomic {
				if
				:: SAME -> seen = true
				:: else
				fi
			}
		:: old_cached && !old_purged && old_seen ->
			success = false;
			if
			:: BROKEN == 2 -> zeroing = true; assert(!out && !in_chunk); zeroing = false
			:: else
			fi;
			atomic {
				if
				:: SAME -> purging = true; success = true
				:: else
				fi
			}
			if
			:: success ->
				zeroing = true;
				assert(!out && !in_chunk);
				zeroing = false;
				d_step { CLEAR; cached = true; purged = true }
			:: else
			fi
		fi;
		unlock()
	:: ended -> break
	od
}

init {
	atomic { run owner(); run helper() }
}
