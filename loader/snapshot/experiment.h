/* SPDX-License-Identifier: MIT */
/*
 * The model of an experiment: the same command in several arms (environments), run again and again in turns, what each
 * run measured, and what follows from it for each arm beside the first. Plain data: command/experiment.c fills in the
 * trials, analysis/verdict.c the comparisons; outputs and recordings read it.
 *
 * Values are doubles in the unit that the measure's description names; NAN means that it was not measured ("n/a" in a
 * table, null in JSON). Strings are owned by the experiment and freed by experiment_free(). Not thread-safe.
 */
#ifndef EXPERIMENT_MODEL_H
#define EXPERIMENT_MODEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

/* What a run can measure. The order is that of reports. */
enum measure {
	MEASURE_METRIC, /* what --metric found in the output */
	MEASURE_WALL,   /* untraced runs, from here on */
	MEASURE_USER,
	MEASURE_SYSTEM,
	MEASURE_PROCESSOR, /* user and system time together */
	MEASURE_MINOR,     /* faults as wait4 has them, without those before exec */
	MEASURE_MAJOR,
	MEASURE_PEAK, /* resident bytes */
	MEASURE_CYCLES,
	MEASURE_INSTRUCTIONS,
	MEASURE_TLB_MISSES,
	MEASURE_CACHE_MISSES,
	MEASURE_WALK_CYCLES,
	MEASURE_FAULTS, /* traced runs, from here on */
	MEASURE_ZEROED,
	MEASURE_FAULT_TIME,
	MEASURE_ZERO_TIME,
	MEASURE_COUNT,
};

#define MEASURE_FIRST_TRACED MEASURE_FAULTS

enum unit {
	UNIT_NONE, /* the metric: whatever the command prints */
	UNIT_SECONDS,
	UNIT_BYTES,
	UNIT_COUNT,
};

struct measure_description {
	const char *name;  /* "wall_s": JSON, CSV, recordings */
	const char *title; /* "wall time" */
	enum unit unit;
	const char *less, *more; /* what a smaller and a larger figure are called: "faster", "slower" */
};

/* What is asked of an arm: its differences from hakmem-trace's own environment. */
struct arm {
	char *name;
	char **environment; /* "NAME=VALUE", NULL-terminated; NULL: none */
	char *preload;      /* path put in front of LD_PRELOAD; NULL: none */
	char **command;     /* NULL: the experiment's */
};

enum trial_kind {
	TRIAL_WARM_UP, /* measured, and left out of everything that follows */
	TRIAL_MEASURED,
	TRIAL_TRACED, /* traced: its times are not comparable with others' and left out */
};

/* One run of the command in one arm. */
struct trial {
	size_t arm; /* index */
	enum trial_kind kind;
	uint32_t block;  /* from 0 on, each kind on its own: a block has every arm once, in random order */
	double start;    /* seconds since the experiment began */
	int exit_code;   /* -1 when a signal ended it */
	int exit_signal; /* 0 when it exited */
	double others;   /* of the machine's processor time during it, the share that other processes took; 0..1 */
	double counted;  /* least share of its time in which a hardware counter counted; below 1: scaled. NAN: none */
	double values[MEASURE_COUNT];
	struct snapshot *snapshot; /* of a traced run; else NULL */
};

/* One measure of one arm over the trials that count. */
struct summary {
	size_t count; /* of trials in which it was measured; 0: the rest is NAN */
	double median, minimum, maximum;
	double low_quartile, high_quartile;
};

/* A difference is called one when chance makes one like it at most this often, over all arms and looks together. */
#define VERDICT_LEVEL  0.01
#define INTERVAL_LEVEL 0.95
#define VERDICT_POWER  0.8

struct interval {
	double low, high; /* may be 0 and INFINITY: too few runs for any bound */
};

enum verdict {
	VERDICT_NONE,  /* not measured in both arms, or nothing to compare with: the first arm itself */
	VERDICT_EQUAL, /* every run of both arms gave the same figure */
	VERDICT_LESS,  /* a difference was detected */
	VERDICT_MORE,
	VERDICT_NO_DIFFERENCE, /* none was detected */
	VERDICT_TOO_FEW,       /* so few runs that none could have been */
};

/* One measure of one arm beside the same of the first arm, paired by block. docs/compare.md has the statistics. */
struct comparison {
	struct summary summary;    /* of the arm itself: also for the first */
	size_t pairs;              /* blocks in which both arms measured it */
	double ratio;              /* arm / first: the pairs' pseudo-median (Hodges and Lehmann) */
	struct interval interval;  /* 95 %, of the ratio */
	double median_ratio;       /* of the two medians */
	struct interval bootstrap; /* 95 %, of median_ratio, over blocks */
	double p;                  /* two-sided, exact; NAN: no test */
	double corrected;          /* for the number of arms, and of looks; what the verdict is from */
	enum verdict verdict;
	double needed_observed; /* runs an arm that would tell the observed difference apart with a power of 80 % */
	double needed_five, needed_one; /* the same for 5 % and 1 %; NAN: not known */
};

/* What one region's faults and zeroing were in an arm: medians over its traced runs. */
struct region_figures {
	enum region region;
	char *detail;
	double faults, zeroed_bytes, fault_seconds, zero_seconds; /* NAN: not measured */
};

struct experiment {
	char **command;
	struct arm *arms; /* the first is what others are compared with */
	size_t arm_count;
	struct trial *trials; /* in order of time */
	size_t trial_count;

	/* What was asked for. */
	uint32_t wanted_blocks;   /* measured runs an arm; with precision: at most */
	uint32_t wanted_warm_ups; /* an arm */
	uint32_t wanted_traced;   /* an arm */
	double precision;         /* stop at this half width of the interval: 0.01 is 1 %; 0: not asked for */
	char *metric;             /* regular expression; NULL: none */
	bool metric_less_is_better;
	enum measure judged; /* the figure that the verdict shall be about; MEASURE_COUNT: the metric or wall time */
	char *cpus;          /* "0-1"; NULL: not pinned */
	uint64_t seed;

	/* How it went. */
	bool interrupted;
	uint32_t failures; /* trials that failed and count for nothing */
	uint32_t looks;    /* how often the interval may have been looked at to decide whether to stop: 1 or more */
	int64_t began;     /* seconds since 1970 */
	double seconds;    /* it took */
	char *not_traced;  /* why there are no traced runs; NULL: there are, or none were asked for */
	char *not_counted; /* why hardware counters are missing; NULL: none is */
	struct {
		char *release; /* uname -r */
		uint32_t processors;
		double load;   /* average of the last minute when it began; NAN */
		double others; /* share of the machine's time that others took between the first trial and the last */
	} machine;

	/* Set by verdict_fill(): arm_count rows of MEASURE_COUNT; NULL before. */
	enum measure main; /* the figure that the verdict is about: `judged`, the metric if there is one, wall time */
	struct comparison *comparisons;
	struct region_figures *regions; /* region_count rows, each arm_count long, the largest difference first */
	size_t region_count;
};

extern const struct measure_description measures[MEASURE_COUNT];

/* The same, but of an experiment whose metric is better when it is less. */
struct measure_description experiment_measure(const struct experiment *experiment, enum measure measure);

/* The measure of that name; MEASURE_COUNT when there is none. */
enum measure measure_find(const char *name);

const char *verdict_name(enum verdict verdict);    /* "less", "no-difference": JSON */
const char *trial_kind_name(enum trial_kind kind); /* "warm-up", "measured", "traced" */

struct experiment *experiment_new(void); /* NULL when out of memory */
void experiment_free(struct experiment *experiment);

/* What an arm owns; the arm itself is the caller's. */
void arm_free(struct arm *arm);

/* A copy of the command, once. 0, or -1 when out of memory. */
int experiment_set_command(struct experiment *experiment, char *const *command);

/* What was in `into` is not freed. 0, or -1 when out of memory: then some of it is missing. */
int arm_copy(struct arm *into, const struct arm *from);

void strings_free(char **strings); /* NULL-terminated, or NULL */

/* A copy of the arm at the end of the list. 0, or -1 when out of memory. */
int experiment_add_arm(struct experiment *experiment, const struct arm *arm);

/* A new trial in which nothing was measured; NULL when out of memory. The pointer holds until the next call. */
struct trial *experiment_add_trial(struct experiment *experiment, size_t arm, enum trial_kind kind, uint32_t block);

bool trial_failed(const struct trial *trial);

/* Does the trial count for this measure? Warm-ups and failures never do, traced runs only for what tracing measures. */
bool trial_counts(const struct trial *trial, enum measure measure);

/* After verdict_fill(). */
const struct comparison *experiment_comparison(const struct experiment *experiment, size_t arm, enum measure measure);
const struct region_figures *experiment_region(const struct experiment *experiment, size_t row, size_t arm);

#endif
