// SPDX-License-Identifier: MIT
/* Each sentence is one function that looks at the figures and says something or nothing. See breakdown_words.h. */
#include "analysis/breakdown_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/paragraph.h"

#define FEW_SAMPLES    1000
#define WANTED         0.01 /* half of an interval that is good enough */
#define LEAST_COVERAGE 0.85
#define LEADING        3
#define WORTH          0.05 /* a class below this isn't worth a word here */

static const char *const phrases[TIME_CLASS_COUNT] = {
    [TIME_ALLOCATOR] = "in the allocator",
    [TIME_PROGRAM] = "in the program's own code",
    [TIME_LIBC] = "in the C library",
    [TIME_LIBRARY] = "in other libraries",
    [TIME_VDSO] = "reading the clock",
    [TIME_GENERATED] = "in generated code",
    [TIME_USER_OTHER] = "in user space that is not known",
    [TIME_FAULT_ENTRY] = "entering and leaving page faults",
    [TIME_ZEROING] = "clearing pages",
    [TIME_PAGE_TABLE] = "handling page faults",
    [TIME_PAGE_ALLOCATION] = "allocating pages",
    [TIME_PAGE_COPY] = "copying pages",
    [TIME_TLB] = "flushing TLBs",
    [TIME_MAPPING] = "in mmap, munmap, madvise and the like",
    [TIME_PROCESS] = "in fork, exec and exit",
    [TIME_SCHEDULER] = "in the scheduler",
    [TIME_CALL_ENTRY] = "entering and leaving system calls",
    [TIME_CALL] = "in other system calls",
    [TIME_INTERRUPT] = "in interrupts",
    [TIME_TRACING] = "being sampled or traced",
    [TIME_KERNEL_OTHER] = "elsewhere in the kernel",
};

static void say_largest(struct paragraph *paragraph, const struct breakdown *breakdown)
{
	bool named[TIME_CLASS_COUNT] = {false};
	char text[256] = "";

	for (int i = 0; i < LEADING; i++) {
		enum time_class most = TIME_CLASS_COUNT;

		for (enum time_class class = 0; class < TIME_CLASS_COUNT; class ++)
			if (!named[class] && (most == TIME_CLASS_COUNT ||
			                         breakdown->classes[class].samples > breakdown->classes[most].samples))
				most = class;
		if (i && breakdown->classes[most].share.value < WORTH)
			break;
		named[most] = true;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.0f %%%s %s", i ? ", " : "",
		    100 * breakdown->classes[most].share.value, i ? "" : " of the CPU time is", phrases[most]);
	}
	say(paragraph, "%s.", text);
}

/* What avoiding all page faults could give at best, and of that what avoiding the clearing alone could. */
static void say_faults(struct paragraph *paragraph, const struct breakdown *breakdown)
{
	static const enum time_class of_faults[] = {
	    TIME_FAULT_ENTRY, TIME_ZEROING, TIME_PAGE_TABLE, TIME_PAGE_ALLOCATION, TIME_PAGE_COPY};
	struct share zeroing = breakdown->classes[TIME_ZEROING].share, all;
	uint64_t samples = 0;

	if (!breakdown->kernel_known)
		return;
	for (size_t i = 0; i < sizeof(of_faults) / sizeof(of_faults[0]); i++)
		samples += breakdown->classes[of_faults[i]].samples;
	all = share_of(samples, breakdown->samples);
	if (all.value < 0.01)
		return;
	say(paragraph, "Page faults with their zeroing and page allocation are %.1f %% (%.1f to %.1f) of the CPU time",
	    100 * all.value, 100 * all.low, 100 * all.high);
	if (!breakdown->zeroing_known)
		say(paragraph, "in all.");
	else
		say(paragraph,
		    "in all; removing the zeroing alone, %.1f %% (%.1f to %.1f), would make it %.2fx faster at best.",
		    100 * zeroing.value, 100 * zeroing.low, 100 * zeroing.high, 1 / (1 - zeroing.value));
}

static void say_check(struct paragraph *paragraph, const struct breakdown *breakdown)
{
	const struct zero_check *check = &breakdown->check;

	if (!check->done || !breakdown->zeroing_known)
		return;
	if (check->agrees)
		say(paragraph, "The hooks' zeroing time%s agrees with the samples.",
		    check->upper_bound ? ", an upper bound," : "");
	else if (check->upper_bound)
		say(paragraph,
		    "The hooks' upper bound of the zeroing time, %.1f %%, lies below what the "
		    "samples say: one of the two runs differed, or one figure is wrong.",
		    100 * check->hook_share);
	else
		say(paragraph,
		    "The hooks' zeroing time, %.1f %%, lies outside of the samples' interval: one of "
		    "the two runs differed, or one figure is wrong.",
		    100 * check->hook_share);
}

static void say_split(struct paragraph *paragraph, const struct breakdown *breakdown)
{
	struct share sampled, charged;

	if (breakdown_split_agrees(breakdown, &sampled, &charged))
		return;
	say(paragraph,
	    "User space has %.1f %% of the samples as they were taken, but the kernel charged %.1f %% of the time to "
	    "it: they "
	    "disagree by more than chance.",
	    100 * sampled.value, 100 * charged.value);
	if (breakdown->processes > breakdown->runs && charged.value > sampled.value)
		say(paragraph,
		    "(There were %" PRIu64 " processes. The kernel splits a process's time by ticks of %" PRIu64
		    " ms, and charges one that none of them hit to user space altogether.)",
		    breakdown->processes, breakdown->tick_ns / 1000000);
}

static void say_doubts(struct paragraph *paragraph, const struct breakdown *breakdown)
{
	unsigned int runs = breakdown_runs_for(breakdown, WANTED);
	double coverage = breakdown->samples >= FEW_SAMPLES ? breakdown_coverage(breakdown) : NAN;

	if (breakdown->samples < FEW_SAMPLES)
		say(paragraph,
		    "These are few samples: --runs %u would make each interval about +-%.0f %% wide at most.", runs,
		    100 * WANTED);
	if (coverage < LEAST_COVERAGE)
		say(paragraph,
		    "Only %.0f %% of the CPU time has samples: the timer often came more than a period late, because "
		    "interrupts were off for long or this virtual machine did not run.",
		    100 * coverage);
	if (breakdown->lost)
		say(paragraph, "%" PRIu64 " samples or records were lost: shares may be off.", breakdown->lost);
	if (breakdown->throttled)
		say(paragraph, "The kernel stopped the sampling %" PRIu64 " times for a while.", breakdown->throttled);
	if (breakdown->runs < breakdown->runs_wanted)
		say(paragraph, "Only %u of %u runs were done: the last one failed.", breakdown->runs,
		    breakdown->runs_wanted);
}

void breakdown_words(const struct breakdown *breakdown, FILE *file)
{
	struct paragraph paragraph = {.file = file};

	say(&paragraph, "In words:");
	if (breakdown->samples) {
		say_largest(&paragraph, breakdown);
		say_faults(&paragraph, breakdown);
		say_check(&paragraph, breakdown);
		say_split(&paragraph, breakdown);
		say_doubts(&paragraph, breakdown);
	} else {
		say(&paragraph, "no sample was taken: the command used too little CPU time. --runs N adds up "
		                "the samples of several runs.");
	}
	fputc('\n', file);
}
