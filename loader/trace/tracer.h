/* SPDX-License-Identifier: MIT */
/*
 * The BPF side in use: loaded and attached on the selected rungs. Everything it holds belongs to this process's
 * descriptors, so the kernel drops it all when this process ends, however it ends; nothing is ever pinned. Not
 * thread-safe.
 */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "machine/cgroup_names.h"
#include "trace/fault_events.h"
#include "trace/ladder.h"
#include "trace/links.h"
#include "trace/price.h"
#include "trace/skips.h"
#include "stack/stack_collector.h"
#include "trace/totals.h"

struct trace; /* the skeleton */
struct cost_tables;
struct deciders;
struct perf_only;
struct stack_names;
struct strata;

struct tracer {
	struct selection selection;
	struct trace *skeleton; /* NULL on the perf-only rung */
	struct trace *beside;   /* more programs, on the same maps (halves.h); NULL: there are none */
	struct perf_only *perf; /* NULL on all others */
	struct links links;
	struct fault_events task_events;
	struct fault_events processor_events;
	struct shared_totals totals;
	struct skips skips;                /* of programs, before counting began */
	struct strata *strata;             /* in which times were sampled; NULL: there is but one */
	struct price price;                /* what tracing costs, once that is measured */
	bool priced;                       /* that it is to be: set before the start */
	bool events_always;                /* each task has them: the rung's own hooks may be skipped */
	bool attaches;                     /* to running processes: set before the start */
	bool samples;                      /* zeroed pages, to see which were never used: set before the start */
	struct stack_wish stacks;          /* set before the start */
	struct stack_collector *collector; /* of stacks; NULL: none are taken */
	struct stack_names *names;
	struct cgroup_names cgroups;
	const struct cost_tables *cost_tables; /* of traced processes; NULL: none has one */
	const struct deciders *ended_deciders; /* of those that had one; NULL: as above */
	bool takes_stacks;
	size_t mappings;   /* of theirs, as sizes.h has it: set before the start */
	int init_on_alloc; /* as kernel.h has it */
	bool huge_hooked;
	bool events_missed;    /* hooks that can't be skipped are not to be had here */
	uint64_t looks_failed; /* tasks that live on could not be looked at */
};

#define TRACER_ERROR REFUSAL_TEXT

/* Load and attach the programs of the selected rungs. Returns 0, or -1 with what failed and whose fault it is.
 * verbose: libbpf's log goes to stderr.
 */
int tracer_start(struct tracer *tracer, const struct selection *selection, bool verbose, struct failure *failure);

/* What stacks have cost the traced tasks so far, in ns. */
uint64_t tracer_stack_cost(const struct tracer *tracer);

/* Take stacks, if they are wanted, from now on; until then none are. */
void tracer_take_stacks(struct tracer *tracer);

/* Trace this task from its next successful exec on, and all that it forks. It must be waiting. 0, or -1 with error. */
int tracer_arm(struct tracer *tracer, pid_t pid, char error[TRACER_ERROR]);

/*
 * From now on measure durations, or don't: reading the clock costs more than counting. Where the end of a fault is only
 * told by events that not every task has, they are opened on at most so many processors. 0, or -1: durations of faults
 * can't be had now.
 */
int tracer_time(struct tracer *tracer, bool on, size_t processors);

/* Populated pages' faults have durations, too. */
bool tracer_times_populated(const struct tracer *tracer);

/* Follow what traced processes fork, or don't (their threads always). */
void tracer_follow_children(struct tracer *tracer, bool follow);

/* Where counting needs our help: poll this for reading (-1: there is nothing to poll), then tracer_drain(). */
int tracer_descriptor(const struct tracer *tracer);
void tracer_drain(struct tracer *tracer);

/*
 * Is this process traced? What the tracer knows, not what the process says. Its id in the machine's own PID namespace,
 * 0 when it is not.
 */
uint32_t tracer_follows(struct tracer *tracer, pid_t pid);

/* What was charged, lost and done so far, over all processors. 0, or -1 with errno. */
int tracer_totals(struct tracer *tracer, struct totals *sum);

/* Stop counting, at once for all tasks that live on, and detach every hook. Figures can then be collected. */
void tracer_stop(struct tracer *tracer);

/* Forget what was counted so far (after calibration). Hooks must be idle: no armed task alive. */
void tracer_reset(struct tracer *tracer);

void tracer_close(struct tracer *tracer);

/* For trace/ only. Run a raw_tp program once, here. 0, or -1 with errno. */
int tracer_call(const struct bpf_program *program, uint64_t *arguments, size_t count);

/*
 * For trace/ only. A descriptor from which to read what an iterator program writes, -1 with errno. process: only of its
 * tasks, 0: of all; the kernel has that from 6.1 on, and says EINVAL or E2BIG before.
 */
int tracer_iterate(const struct bpf_program *program, pid_t process);

#endif
