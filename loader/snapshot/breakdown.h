/* SPDX-License-Identifier: MIT */
/*
 * Where the CPU time of a command went: samples by class and function, as plain data. Each sample stands for the same
 * time, so a count of samples is an amount of time; classes add up to all samples. UNKNOWN is as in snapshot.h.
 */
#ifndef BREAKDOWN_H
#define BREAKDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

/* User space first. */
enum time_class {
	TIME_ALLOCATOR,
	TIME_PROGRAM,
	TIME_LIBC,
	TIME_LIBRARY,
	TIME_VDSO,
	TIME_GENERATED,  /* code in anonymous memory */
	TIME_USER_OTHER, /* what was mapped there is not known */
	TIME_FAULT_ENTRY,
	TIME_ZEROING,
	TIME_PAGE_TABLE, /* the rest of handling a fault */
	TIME_PAGE_ALLOCATION,
	TIME_PAGE_COPY,
	TIME_TLB,
	TIME_MAPPING, /* mmap, munmap, madvise, ... */
	TIME_PROCESS, /* fork, exec, exit */
	TIME_SCHEDULER,
	TIME_CALL_ENTRY, /* of system calls */
	TIME_CALL,       /* other system calls */
	TIME_INTERRUPT,
	TIME_TRACING,
	TIME_KERNEL_OTHER,
	TIME_CLASS_COUNT
};

const char *time_class_name(enum time_class time_class);        /* "zeroing": a public name */
const char *time_class_description(enum time_class time_class); /* a line */
bool time_class_is_user(enum time_class time_class);

/* A part of all with its 95 % interval, from 0 to 1. */
struct share {
	double value, low, high;
};

/* Of a number of samples among all (Wilson's interval); all three NAN when there are none at all. */
struct share share_of(uint64_t samples, uint64_t total);

struct time_row {
	enum time_class class;
	char *function; /* or the system call; "" when not known */
	char *object;   /* file name of the user-space object; "" in the kernel */
	uint64_t samples;
};

/* Zeroing by the samples beside zeroing by the hooks, which a second run of the command measured. */
struct zero_check {
	bool done;
	char why_not[256]; /* when it isn't done: one line */
	char method[96];   /* how the hooks measured: "upper bound ...", "exact ..." */
	bool upper_bound;
	uint64_t zero_ns;      /* by the hooks; UNKNOWN: they measure no zeroing time here */
	uint64_t zeroed_bytes; /* by the hooks */
	uint64_t cpu_ns;       /* of the traced run, user and system */
	double hook_share;     /* zero_ns of the CPU time of a sampled run: tracing is not to dilute it */
	double cpu_ratio;      /* CPU time of the traced run to that of a sampled one */
	double sample_ns_per_page, hook_ns_per_page; /* NAN: not known */
	bool agrees;
};

struct breakdown {
	char **command; /* NULL-terminated */
	unsigned int runs;
	unsigned int runs_wanted;
	uint64_t wall_ns; /* of all runs together */
	int exit_code;    /* of the last run; -1: a signal ended it */
	int exit_signal;
	char *kernel_release;

	const char *event;      /* "cpu-clock", "cycles" */
	unsigned int frequency; /* samples a second and CPU that were asked for */
	uint64_t period;        /* of the event: ns, or cycles */
	bool kernel_seen;       /* else only user space was sampled */
	bool kernel_known;      /* kernel functions have names */
	bool stacks;            /* and there are call stacks, not only where each sample lies */
	bool zeroing_known;     /* this kernel has functions of which can be told that they zero */
	double overhead;        /* of sampling, on what only computes, as a share; NAN: not known */

	uint64_t samples;   /* sum of all rows */
	uint64_t processes; /* of all runs together */
	uint64_t lost;
	uint64_t throttled;       /* how often the kernel stopped sampling for a while */
	uint64_t user_as_taken;   /* samples in user mode, before late ones were put back */
	uint64_t late_from_fault; /* of these: put back to the return from a fault */
	uint64_t late_from_call;  /* and to the return from a system call */
	uint64_t user_ns;         /* as the kernel charged them, all runs together */
	uint64_t system_ns;
	uint64_t tick_ns; /* the period of the kernel's own samples, which split these; 0: not known */

	struct time_row *rows; /* one a class, function and object; breakdown_finish() sorts them */
	size_t row_count;
	struct {
		uint64_t samples;
		unsigned int permille; /* rounded so that all classes add up to 1000 */
		struct share share;
	} classes[TIME_CLASS_COUNT];

	struct zero_check check;
	char **limits; /* what can't be told here, in words; NULL-terminated, or NULL */
};

/* Count samples of a place. 0, or -1 when out of memory. */
int breakdown_add(struct breakdown *breakdown, enum time_class time_class, const char *function, const char *object,
    uint64_t samples);

/* 0, or -1 when out of memory. */
int breakdown_limit(struct breakdown *breakdown, const char *text);

/* All is added: sort rows by class, then samples; sum up. Can be called again. */
void breakdown_finish(struct breakdown *breakdown);

/* Could samples of this class be told from others here? Where not, none is no zero. */
bool breakdown_class_known(const struct breakdown *breakdown, enum time_class time_class);

uint64_t breakdown_user_samples(const struct breakdown *breakdown);

/* What one sample stands for; UNKNOWN with an event that doesn't count time. */
uint64_t breakdown_sample_ns(const struct breakdown *breakdown);

/*
 * How many runs like these would make the interval of each class's share at most `half` wide to either side (0.01: +-1
 * %); 0 when there are no samples.
 */
unsigned int breakdown_runs_for(const struct breakdown *breakdown, double half);

/*
 * Does the split of user and system time agree with the kernel's own, which is made of ticks that come as late as our
 * samples do? Both are samples, and either has its interval. False: they do not overlap. True also when either is
 * missing.
 */
bool breakdown_split_agrees(const struct breakdown *breakdown, struct share *sampled, struct share *charged);

/*
 * How much of the time that the kernel charged the samples stand for, as a share; NAN: not known. Much less than 1: the
 * timer often came more than a period late.
 */
double breakdown_coverage(const struct breakdown *breakdown);

/* Fills check->agrees and what follows from both measurements. */
void breakdown_compare_zeroing(struct breakdown *breakdown);

void breakdown_free(struct breakdown *breakdown);

#endif
