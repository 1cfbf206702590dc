/* SPDX-License-Identifier: MIT */
/*
 * The lock of one word (alloc/lock.h, alloc/lock.c): 0 free, 1 held, 2 held and waited for; the kernel compares the word and
 * queues a waiter in one step, and wakes one. Waiters may also wake for nothing.
 *
 * One at a time holds it, and nobody sleeps for good (spin reports that as an invalid end state). BROKEN=1: who has to
 * wait takes it as 1, so the holder does not know of others that wait; 2: a waiter sleeps without the kernel's comparison.
 */
#define THREADS 3
#define TURNS   2
#ifndef BROKEN
#define BROKEN 0
#endif

byte word = 0;
byte holders = 0;
bool asleep[THREADS];

inline wake()
{
	atomic {
		if
		:: asleep[0] -> asleep[0] = false
		:: asleep[1] -> asleep[1] = false
		:: asleep[2] -> asleep[2] = false
		:: else
		fi
	}
}

inline take()
{
	atomic { was = word; if :: word == 0 -> word = 1 :: else fi };
	do
	:: was == 0 -> break
	:: else ->
		/* The exchange: 2, for there may be more that wait. */
		atomic { was = word; word = (BROKEN == 1 -> 1 : 2) };
		if
		:: was == 0 -> break
		:: else ->
			if
			:: BROKEN == 2 -> skip; asleep[me] = true
			:: else -> atomic { if :: word == (BROKEN == 1 -> 1 : 2) -> asleep[me] = true :: else fi }
			fi;
			!asleep[me]
		fi
	od
}

inline give()
{
	atomic { was = word; word = 0 };
	if
	:: was == 2 -> wake()
	:: else
	fi
}

proctype thread(byte me)
{
	byte turn, was;

	for (turn : 1 .. TURNS) {
		take();
		holders++;
		assert(holders == 1);
		holders--;
		give()
	}
}

init {
	atomic { run thread(0); run thread(1); run thread(2) }
}
