/* SPDX-License-Identifier: MIT */
/*
 * The child that times page faults and system calls of its own, phase by phase, and part
 * by part; between them it meets who started it.
 */
#ifndef PRICE_CHILD_H
#define PRICE_CHILD_H

/* The argv[0] by which main() knows that it is the measuring child. */
#define PRICE_NAME "hakmem-trace-price"

enum price_phase {
	PRICE_SWEPT, /* faults one page behind the other: of a sweep (bpf/sweep.h), if there are any */
	PRICE_MOVED, /* each in other 64 pages than the one before */
	PRICE_FAULT, /* the same of no sweep */
	PRICE_CALL,  /* system calls */
	PRICE_PHASES,
};

#define PRICE_ALL ((1U << PRICE_PHASES) - 1) /* a bit for each phase */

/* So many of them in each phase, in as many parts. */
#define PRICE_EVENTS 1024
#define PRICE_PARTS  4

/* Nanoseconds of each, shared with the child. */
struct price_answer {
	double each_ns[PRICE_PHASES];
};

/*
 * The child's whole life: `task` has the descriptors of its answer, and of the socket on which it waits for a byte
 * before the first part and after each one, having sent one; and which phases it goes through. Returns its exit status.
 */
int price_child(const char *task);

#endif
