/* SPDX-License-Identifier: MIT */
/*
 * The model: what one traced run cost, by region. Plain data; trace/ fills it in, every output and analysis reads it.
 * Nothing here knows of BPF, of files or of the terminal, and this folder includes nothing else of the project.
 *
 * Every figure is a uint64_t; UNKNOWN means that this kernel cannot measure it ("n/a" in a table, null in JSON).
 * Strings are owned by the snapshot and freed by snapshot_free(). Not thread-safe: one thread fills and reads.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNKNOWN UINT64_MAX

/* In the order of DESIGN's table: where two could claim an address, the earlier one wins. */
enum region {
	REGION_ALLOCATOR,
	REGION_TLS,
	REGION_STACK,
	REGION_LIBC,
	REGION_PROGRAM,
	REGION_LIBRARY,
	REGION_FILE,
	REGION_ANON,
	REGION_KERNEL,
	REGION_UNSEEN,
	REGION_COUNT,
};

/* Bucket i of a histogram counts durations of [2^i, 2^(i+1)) ns; bucket 0 also holds 0, the last one all above. */
#define HISTOGRAM_BUCKETS 32

/* Why a fault happened. */
enum fault_cause {
	FAULT_CAUSE_UNKNOWN,
	FAULT_CAUSE_FIRST_TOUCH,
	FAULT_CAUSE_PURGED,
	FAULT_CAUSE_COPY_ON_WRITE,
	FAULT_CAUSE_ZERO_PAGE,
	FAULT_CAUSE_FILE,
	FAULT_CAUSE_SWAP,
	FAULT_CAUSE_PROTECTION,
	FAULT_CAUSE_COUNT,
};

/* What was short when something could not be accounted in full. Of the first ones only detail is lost. */
enum lost_kind {
	LOST_ROWS,    /* counted under its region, as `others` */
	LOST_FILES,   /* counted without its name */
	LOST_RANGES,  /* who asked for some memory is not known */
	LOST_SPACES,  /* the same of a whole address space */
	LOST_HISTORY, /* causes are not known */
	LOST_PHASES,  /* a mark that began none */
	LOST_TASKS,   /* not followed, or not looked at when it ended: what it did may not be counted */
	LOST_EVENTS,  /* not counted */
	LOST_COUNT,
};

/*
 * Of the zeroed pages, those that held nothing but zeroes when they were given back. Some were sampled, each standing
 * for as many as its weight says (bpf/sample.h).
 */
struct waste {
	/* What was measured; `sampled` is UNKNOWN where nothing was. */
	uint64_t zeroed_bytes;   /* of memory that is sampled */
	uint64_t sampled;        /* pages */
	uint64_t checked;        /* of these: given back, and looked at then */
	uint64_t sampled_weight; /* sums of weights */
	uint64_t checked_weight;
	uint64_t checked_squares; /* of weights */
	uint64_t unused_weight;   /* of those that held nothing but zeroes */

	/* What follows: set by counts_estimate() and counts_add(). */
	uint64_t of_bytes;  /* of zeroed_bytes: what the looked-at pages stand for */
	uint64_t bytes;     /* of these: held nothing but zeroes; UNKNOWN when none was looked at */
	uint64_t low, high; /* its 95 % interval */
};

/*
 * Durations in one stratum: faults and clearings of which those that were timed stand for the others, because what was
 * timed did not depend on what it was.
 */
struct sample {
	uint64_t faults; /* whose duration the hooks could have measured */
	uint64_t timed, timed_ns;
	uint64_t timed_squares; /* sum of squares of durations, each in units of SQUARE_NS */
	uint64_t zeroed_bytes, zero_timed_bytes, zero_ns;
};

#define SQUARE_NS 64

/* What samples say of all that they stand for: sums over the strata that have something timed (covered_add()). */
struct covered {
	uint64_t faults, ns;
	uint64_t variance;              /* of ns, in units of VARIANCE_NS squared */
	uint64_t zeroed_bytes, zero_ns; /* zero_ns UNKNOWN: no clearing can be timed */
};

#define VARIANCE_NS 1000

struct counts {
	uint64_t faults;    /* charged faults, populated ones included */
	uint64_t major;     /* of these */
	uint64_t populated; /* of these: without an exception (MAP_POPULATE, mlock, other get_user_pages) */
	uint64_t zeroed_bytes;
	uint64_t zeroed_twice_bytes; /* of these: what the same fault had cleared before */
	uint64_t zero_events;
	uint64_t histogram[HISTOGRAM_BUCKETS]; /* of the timed ones */
	uint64_t causes[FAULT_CAUSE_COUNT];    /* of the faults; they add up to them */
	uint64_t failed;                       /* faults that ended in a signal: not charged, not in faults */
	struct waste waste;

	/* What was measured of durations. */
	uint64_t timeable; /* faults whose duration the hooks could have measured */
	uint64_t timed;    /* those whose duration they did measure */
	uint64_t timed_ns; /* sum over these */

	struct covered covered;

	/* What follows for all: set by counts_estimate() and counts_add() (estimate.c). */
	uint64_t fault_ns;       /* of all timeable faults; UNKNOWN when none was timed */
	uint64_t fault_ns_error; /* half of its 95 % interval; 0 when all were timed */
	uint64_t zero_ns;        /* of all zeroed bytes */
};

struct region_row {
	enum region region;
	char *detail; /* "class 64", "main", "libjemalloc.so.2", ... or "" */
	struct counts counts;
};

struct process_row {
	uint32_t pid;
	uint32_t parent;
	char *comm;
	char *cgroup; /* "/system.slice/...": where it was when it was first heard of or last called exec; NULL: not
	                 known */
	struct counts counts; /* histogram, failed and waste unused */
};

/* A part of the run: before main, after, after a mark that has another name than these. */
#define PHASE_NAME_BEFORE_MAIN "before main"
#define PHASE_NAME_MAIN        "main"
#define PHASE_NAME_UNKNOWN     "unknown"

struct phase_row {
	char *name;
	struct counts counts; /* the sum, made by snapshot_finish(); failed and waste unused */
	struct counts regions[REGION_COUNT];
};

/* Faults on pages that somebody had given back, by who did, and whose memory it is. */
struct purger_row {
	char *object;     /* whose code made the call; "": not known */
	const char *call; /* "madvise", "munmap", ...; "": not known */
	enum region region;
	uint64_t faults;
	uint64_t zeroed_bytes;
};

/* What is measured, each by hooks of its own. */
enum subject {
	SUBJECT_FAULT,
	SUBJECT_FAULT_TIME,
	SUBJECT_ZERO,
	SUBJECT_ZERO_TIME,
	SUBJECT_COUNT,
};

/* How sure a figure is, the surest first. */
enum method {
	METHOD_UNKNOWN,
	METHOD_EXACT,
	METHOD_EXACT_BUT, /* hook.detail says but for what */
	METHOD_UPPER_BOUND,
	METHOD_ESTIMATE,
	METHOD_SAMPLED, /* of some, scaled to all */
};

struct hook {
	char *rung;   /* "full", "tracepoint", ...; NULL: not measured */
	char *name;   /* "fentry:handle_mm_fault"; NULL: not measured */
	char *detail; /* continues the method's name: "for shared memory"; or NULL */
	enum method method;
};

/* What was attached to, as the user named it. */
struct attachment {
	uint32_t *pids;
	size_t pid_count;
	char **names;   /* NULL-terminated, or NULL */
	char **cgroups; /* the same */
	bool all;
	uint64_t tasks;      /* that ran already */
	uint64_t unreadable; /* processes whose memory may not be looked at */
};

/* One of several reports of a run (--interval): each has what happened since the one before, the last one everything.
 */
struct part {
	uint32_t number; /* from 1 on; 0: of the whole run */
	bool first;
	uint64_t start_ns, end_ns; /* since the start of tracing */
};

struct snapshot {
	char **command; /* NULL-terminated argument vector; NULL when running processes were attached to */
	struct attachment attachment;
	uint32_t pid;    /* of the command, or the first that was attached to; 0: none was named */
	bool running;    /* the command had not ended yet: no exit code or signal */
	int exit_code;   /* -1 when a signal ended it */
	int exit_signal; /* 0 when it exited */
	uint64_t wall_ns;
	bool in_parts;
	struct part part; /* when in_parts */

	struct {
		char *release;  /* uname -r */
		char *lockdown; /* "none", "integrity", "confidentiality", or "unknown" */
		struct hook hooks[SUBJECT_COUNT];
		int init_on_alloc; /* 1 on, 0 off, -1 unknown */
		char **cannot;     /* NULL-terminated: what can't be measured here, in words */
	} kernel;

	struct {
		struct counts counts;   /* sum over regions; counts.faults equals charged_minor + charged_major */
		uint64_t charged_minor; /* task->min_flt and maj_flt of every traced task, from the command's exec on */
		uint64_t charged_major;
		uint64_t
		    unseen; /* charged, but neither a hook nor a system call explains it; also the row REGION_UNSEEN */
		uint64_t failed;              /* faults that ended in SIGSEGV or SIGBUS: never charged */
		uint64_t lost;                /* what could not be accounted: a full map, a missed event */
		uint64_t lost_by[LOST_COUNT]; /* adds up to it */

		/* Allocations and clearings of any task on the machine that all hooks may have been skipped for. */
		uint64_t skipped;
		uint64_t unallocated; /* pages that traced tasks wrote, of which no hook saw where they came from */
		uint64_t traced_ns;   /* of all traced tasks on a processor */
		uint64_t own_ns;      /* an estimate of what tracing added to that; UNKNOWN */
		uint64_t user_ns;
		uint64_t system_ns;
		uint64_t max_rss_bytes;
	} totals;

	struct region_row *regions;
	size_t region_count;
	struct process_row *processes;
	size_t process_count;
	struct phase_row *phases; /* in the order in which they began */
	size_t phase_count;
	struct purger_row *purgers; /* the most faults first */
	size_t purger_count;

	struct stacks *stacks; /* stacks.h; NULL when they were not asked for */

	struct deciders *deciders; /* decisions.h; NULL: what libhakmem decided is not known */

	/* When this is a part that was picked (filter.h). Losses, times and limits stay those of the run. */
	struct {
		char *words;      /* "region allocator"; NULL: nothing was left out */
		bool from_stacks; /* figures are sums over stacks, which may be a sample */
		uint64_t faults;  /* of the run */
		uint64_t zeroed_bytes;
	} filter;
};

const char *region_name(enum region region);
const char *subject_name(enum subject subject);  /* "fault", "fault_time", "zero", "zero_time" */
const char *subject_title(enum subject subject); /* "faults", "fault time", "zeroing", "zeroing time" */

/* "exact but for shared memory". Returns NULL where it isn't known, else `text`. */
#define METHOD_TEXT 128
const char *hook_method(const struct hook *hook, char text[METHOD_TEXT]);
const char *fault_cause_name(enum fault_cause cause);
const char *lost_name(enum lost_kind kind); /* "rows", "files", ... */

/* So many more could not be accounted. */
void snapshot_lose(struct snapshot *snapshot, enum lost_kind kind, uint64_t count);

/* Whether counts are lost, and not only detail. */
bool snapshot_lacks_counts(const struct snapshot *snapshot);

/*
 * So many clearings may be missing in zeroed bytes, 0: nothing says that any is. Hooks that were skipped are no news of
 * this run unless it has pages that came from nowhere, for they may all have been other tasks'.
 */
uint64_t snapshot_missing_clearings(const struct snapshot *snapshot);

struct snapshot *snapshot_new(void); /* NULL when out of memory */
void snapshot_free(struct snapshot *snapshot);

/* The row of region and detail, made if it isn't there; NULL when out of memory. The pointer holds until the next call.
 */
struct region_row *snapshot_region(struct snapshot *snapshot, enum region region, const char *detail);

/* The same for phases (in the order in which they are first asked for) and purgers. `call` must outlive the snapshot.
 */
struct phase_row *snapshot_phase(struct snapshot *snapshot, const char *name);
struct purger_row *snapshot_purger(struct snapshot *snapshot, const char *object, const char *call, enum region region);

/* The unknown absorbs: unknown + 1 is unknown. */
uint64_t known_sum(uint64_t one, uint64_t other);

/* What a row that is left out owns. */
void process_row_free(struct process_row *row);

/* Its names from now on; cgroup may be NULL. 0, or -1 when out of memory: then it keeps those that it had. */
int process_row_name(struct process_row *row, const char *comm, const char *cgroup);

/* Of these rows it then says nothing; what else was counted stays. */
void snapshot_drop_processes(struct snapshot *snapshot);
void snapshot_drop_stacks(struct snapshot *snapshot);

/* Those of the snapshot, made if there are none; NULL when out of memory. */
struct deciders *snapshot_deciders(struct snapshot *snapshot);

/* Add what a sample says of its stratum: nothing of faults where none was timed, nor of zeroing. */
void covered_add(struct covered *covered, const struct sample *sample);

/* What is covered is taken to be like all of this. No more than that may be covered. */
void covered_stretch(struct covered *covered, uint64_t faults, uint64_t zeroed_bytes);

/* From what is covered of one row to what follows for all its faults and zeroed bytes, and from its waste. */
void counts_estimate(struct counts *counts);

/*
 * Add every figure of `from`; UNKNOWN absorbs: unknown + 1 is unknown. Only the durations of what nothing covers are
 * taken to be like the others'.
 */
void counts_add(struct counts *into, const struct counts *from);

/* Take the counts of `before`, an earlier snapshot of the same run, from `later`; rows without any are dropped. */
void snapshot_subtract(struct snapshot *later, const struct snapshot *before);

/* Add the counts of `from` to `into`: rows, processes, totals. 0, or -1 when out of memory. */
int snapshot_add(struct snapshot *into, const struct snapshot *from);

/* Sum of one region's rows, all details together. */
struct counts snapshot_region_sum(const struct snapshot *snapshot, enum region region);

/* Order rows by region, then by faults, then by zeroed bytes, most first, and processes, too; sum totals.counts over
 * the rows. */
void snapshot_finish(struct snapshot *snapshot);

/* A duration below which `permille` of the timed faults lie, interpolated within its bucket; UNKNOWN when none is
 * timed. */
uint64_t histogram_quantile(const uint64_t histogram[HISTOGRAM_BUCKETS], unsigned int permille);

#endif
