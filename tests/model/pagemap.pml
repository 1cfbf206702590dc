/* SPDX-License-Identifier: MIT */
/*
 * The table from addresses to chunks (alloc/pagemap.c): two threads enter chunks under the same entry of the root, which has
 * no leaf yet, and then find them; a reader looks all the time.
 *
 * What was entered is found, and what is found is filled in. BROKEN=1: the leaf is stored and not compared-and-swapped; 2: a chunk is
 * entered before it is filled in.
 */
#define NONE 255
#ifndef BROKEN
#define BROKEN 0
#endif

byte root = NONE;
byte leaves = 0;            /* that were made; the first of them is the static one */
byte entry[6] = NONE;       /* leaf * 2 + number */
bool filled[2];             /* the chunks' descriptors */
bool ended = false;

proctype inserter(byte number)
{
	byte leaf, seen;

	if
	:: BROKEN != 2 -> filled[number] = true
	:: else
	fi;
	/* Compared and swapped with what it is. */
	seen = root;
	if
	:: seen != NONE -> leaf = seen
	:: else ->
		atomic { leaf = leaves; leaves++ }
		if
		:: BROKEN == 1 -> root = leaf
		:: else ->
			atomic {
				if
				:: root == NONE -> root = leaf
				:: else -> leaf = root
				fi
			}
		fi
	fi;
	entry[leaf * 2 + number] = number;
	if
	:: BROKEN == 2 -> filled[number] = true
	:: else
	fi;
	assert(entry[root * 2 + number] == number);
	entry[root * 2 + number] = NONE;
	assert(entry[root * 2 + number] == NONE)
}

proctype reader(byte number)
{
	byte leaf, chunk;

	do
	:: leaf = root;
		if
		:: leaf == NONE
		:: else ->
			chunk = entry[leaf * 2 + number];
			assert(chunk == NONE || filled[chunk])
		fi
	:: ended -> break
	od
}

init {
	atomic { run inserter(0); run inserter(1); run reader(0) }
	_nr_pr == 2;
	ended = true
}
