/* SPDX-License-Identifier: MIT */
/*
 * The counting of what published ranges cost the processes that ask for it (bpf/range_costs.bpf.c), in use: who they
 * are, and when their faults are timed. Everything belongs to this process's descriptors, and goes with it. Not
 * thread-safe.
 */
#ifndef RANGE_COUNTER_H
#define RANGE_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/types.h"
#include "bpf/range_costs.h"
#include "trace/links.h"
#include "trace/rung.h"

struct range_costs; /* the skeleton */

/* One client. */
struct range_watch {
	uint32_t key; /* its id in the machine's own namespace */
	pid_t process;
	int event;           /* its faults' ends, -1: they can't be had */
	uint64_t runtime_ns; /* as of the last look */
};

struct range_counter {
	struct range_costs *skeleton;
	struct links links;
	struct range_watch *watches;
	size_t count, most;
	int *processors; /* events of everybody's faults' ends: in use for clients that have none of their own */
	size_t processor_count;
	bool times;
};

/* Loads the programs for so many clients; they count once they are attached. 0, or -1 with a line in error. */
int range_counter_load(struct range_counter *counter, size_t most, bool verbose, char error[REFUSAL_TEXT]);
int range_counter_attach(struct range_counter *counter, char error[REFUSAL_TEXT]);

/* Until the next client comes: then nobody on the machine pays for anything. */
void range_counter_detach(struct range_counter *counter);

/* The map of maps that cost_tables.h wants. */
int range_counter_tables(const struct range_counter *counter);

/*
 * The process is a client from now on, if it lives, is in sight and is this user's. Its id in the machine's own PID
 * namespace, or 0.
 */
uint32_t range_counter_admit(struct range_counter *counter, pid_t process, uid_t user, uint64_t map);
void range_counter_leave(struct range_counter *counter, uint32_t key);

/* Measures durations from now on, or no more: that costs more than counting. */
void range_counter_time(struct range_counter *counter, bool on);

/* Since the start, over all processors. */
int range_counter_totals(const struct range_counter *counter, struct range_totals *sum);

/* How long the clients have been on a processor since this was asked last. */
uint64_t range_counter_runtime(struct range_counter *counter);

void range_counter_close(struct range_counter *counter);

#endif
