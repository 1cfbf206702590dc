/* SPDX-License-Identifier: MIT */
/*
 * The helper's coming and going (alloc/helper.c): threads free, and start one when more than a bound is kept and there is none;
 * it gives back until little is left, says that it is gone, and looks once more.
 *
 * There is one at most, and at the end no more is kept than the bound without a helper. BROKEN=1: it does not look once more; 2: a
 * thread starts it without compare-and-swap.
 */
#define BOUND 1
#define FREES 3
#ifndef BROKEN
#define BROKEN 0
#endif

#define BECOME_RUNS(success) atomic { if :: !runs -> runs = true; success = true :: else fi }

byte kept = 0;
bool runs = false; /* the state */
byte helpers = 0;

proctype helper()
{
	bool again;

	helpers++;
	assert(helpers == 1);
	do
	:: true ->
		/* look_until_idle */
		do
		:: kept > 0 -> kept = 0
		:: else -> break
		od;
		helpers--;
		runs = false;
		again = false;
		if
		:: BROKEN != 1 && kept > BOUND -> BECOME_RUNS(again)
		:: else
		fi;
		if
		:: again -> helpers++; assert(helpers == 1)
		:: else -> break
		fi
	od
}

proctype thread()
{
	byte count;
	bool starts;

	for (count : 1 .. FREES) {
		atomic { kept++ };
		starts = false;
		if
		:: kept > BOUND ->
			if
			:: runs
			:: !runs && BROKEN == 2 -> runs = true; starts = true
			:: !runs && BROKEN != 2 -> BECOME_RUNS(starts)
			fi
		:: else
		fi;
		if
		:: starts -> run helper()
		:: else
		fi
	}
}

init {
	atomic { run thread(); run thread() }
	_nr_pr == 1;
	assert(kept <= BOUND)
}
