// SPDX-License-Identifier: MIT
/* A known touch, and what must come of it. */
#include "trace/calibrate.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/mman.h>
#include <stdarg.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace.skel.h"
#include "trace/collect.h"
#include "process/target.h"

#define TOUCHED     64
#define POPULATED   16
#define PATIENCE_MS 15000
#define PAGE        4096UL
#define HUGE        (2UL << 20)

/* One or two for each library; fewer than TOUCHED, so that what is counted twice is noticed. */
#define LOADERS_PAGES 60

/* The child's exit status: DONE, and what it could touch. Any other means that it failed. */
#define DONE            64
#define TOUCHED_HUGE    1 /* a huge page */
#define TOUCHED_HUGETLB 2

static char *map_memory(size_t bytes, int flags)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* Did the kernel make a huge page of it? Read without memory that would have to be touched first. */
static bool is_huge(const char *address)
{
	int file = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	char start[20], text[4096 + 1];
	bool inside = false, huge = false;
	size_t kept = 0;
	ssize_t got;

	snprintf(start, sizeof(start), "%lx-", (unsigned long)address);
	while (file >= 0 && (got = read(file, text + kept, sizeof(text) - 1 - kept)) > 0) {
		char *line = text, *end;

		text[kept + got] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			if (!strncmp(line, start, strlen(start)))
				inside = true;
			else if (inside && !strncmp(line, "AnonHugePages:", 14))
				huge = strtoul(line + 14, NULL, 10) >= HUGE / 1024, inside = false;
		}
		kept = strlen(line);
		memmove(text, line, kept);
	}
	if (file >= 0)
		close(file);
	return huge;
}

/* One fault whatever comes of it. */
static int touch_huge(void)
{
	char *memory = map_memory(2 * HUGE, 0);
	char *aligned = (char *)(((unsigned long)memory + HUGE - 1) & ~(HUGE - 1));

	if (memory == MAP_FAILED)
		return 0;
	/* A mapping of its own, which the list of mappings then names by its start. */
	munmap(memory, aligned - memory);
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	madvise(aligned, HUGE, MADV_HUGEPAGE);
	*(volatile char *)aligned = 1;
	return is_huge(aligned) ? TOUCHED_HUGE : 0;
}

static int touch_hugetlb(void)
{
	char *memory = map_memory(HUGE, MAP_HUGETLB | 21 << MAP_HUGE_SHIFT);

	if (memory == MAP_FAILED)
		return 0;
	*(volatile char *)memory = 1;
	return TOUCHED_HUGETLB;
}

int calibrate_child(bool sees_hugetlb)
{
	volatile char *touched;
	int huge, hugetlb;

	/* Where the machine makes huge pages of everything, one fault would do for all. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	touched = map_memory(TOUCHED * PAGE, 0);
	if (touched == MAP_FAILED || map_memory(POPULATED * PAGE, MAP_POPULATE) == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < TOUCHED; i++)
		touched[i * PAGE] = 1;
	huge = touch_huge();
	hugetlb = sees_hugetlb ? touch_hugetlb() : 0;
	return DONE | huge | hugetlb;
}

/* What came of it, and what is wrong with that. */
struct outcome {
	const struct selection *selection;
	const struct snapshot *snapshot;
	struct counts anon;
	int touched; /* TOUCHED_HUGE, TOUCHED_HUGETLB */
};

static int __attribute__((format(printf, 4, 5)))
wrong(struct failure *failure, const struct outcome *outcome, enum subject subject, const char *format, ...)
{
	int used = snprintf(failure->text, sizeof(failure->text), "calibration: ");
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(failure->text + used, sizeof(failure->text) - used, format, arguments);
	va_end(arguments);
	failure->rung = outcome->selection->by[subject];
	failure->subject = subject;
	return -1;
}

static int check_faults(const struct outcome *outcome, struct failure *failure)
{
	const struct rung *rung = outcome->selection->by[SUBJECT_FAULT];
	uint64_t minor = outcome->snapshot->totals.charged_minor, lost = outcome->snapshot->totals.lost;
	uint64_t charged = minor == UNKNOWN ? UNKNOWN : minor + outcome->snapshot->totals.charged_major;
	uint64_t populated = rung->misses_populated ? 0 : POPULATED;
	uint64_t faults = TOUCHED + populated + 1 + !!(outcome->touched & TOUCHED_HUGETLB);
	const struct counts *anon = &outcome->anon;

	if ((charged != UNKNOWN && outcome->snapshot->totals.counts.faults != charged) || lost)
		return wrong(failure, outcome, SUBJECT_FAULT,
		    "%" PRIu64 " faults counted where %" PRIu64 " were charged, %" PRIu64 " lost",
		    outcome->snapshot->totals.counts.faults, charged, lost);
	/* Without BPF it is not known who maps: the dynamic loader's few pages are with ours. */
	if (rung->without_bpf ? anon->faults < faults || anon->faults > faults + LOADERS_PAGES
	                      : anon->faults != faults || anon->populated != populated)
		return wrong(failure, outcome, SUBJECT_FAULT,
		    "%" PRIu64 " faults, of which %" PRIu64 " pages were populated, gave %" PRIu64 " and %" PRIu64,
		    faults, populated, anon->faults, rung->misses_populated ? 0 : anon->populated);
	return 0;
}

/* With init_on_alloc, kernels before 6.13 clear a huge page twice. */
static int check_zeroing(const struct outcome *outcome, struct failure *failure)
{
	const struct rung *rung = outcome->selection->by[SUBJECT_ZERO];
	bool huge = outcome->touched & TOUCHED_HUGE, hugetlb = outcome->touched & TOUCHED_HUGETLB;
	uint64_t expected = (TOUCHED + POPULATED) * PAGE + (huge ? HUGE : PAGE);

	if (!rung)
		return 0;
	if (hugetlb)
		expected += HUGE;
	if (outcome->anon.zeroed_bytes != expected && !(huge && outcome->anon.zeroed_bytes == expected + HUGE))
		return wrong(failure, outcome, SUBJECT_ZERO,
		    "%d fresh pages%s%s gave %" PRIu64 " zeroed bytes where %" PRIu64 " were expected",
		    TOUCHED + POPULATED + !huge, huge ? ", a huge page" : "", hugetlb ? ", a hugetlb page" : "",
		    outcome->anon.zeroed_bytes, expected);
	return 0;
}

static int check_times(const struct outcome *outcome, struct failure *failure)
{
	if (outcome->selection->by[SUBJECT_FAULT_TIME] && outcome->anon.timed < TOUCHED)
		return wrong(failure, outcome, SUBJECT_FAULT_TIME, "of %d faults only %" PRIu64 " were timed", TOUCHED,
		    outcome->anon.timed);
	if (outcome->selection->by[SUBJECT_ZERO_TIME] && !outcome->anon.zero_ns)
		return wrong(failure, outcome, SUBJECT_ZERO_TIME, "clearing %" PRIu64 " bytes took no time",
		    outcome->anon.zeroed_bytes);
	return 0;
}

/* What went wrong is nobody's in particular. */
static int cannot_run(struct failure *failure, const char *error)
{
	failure->rung = NULL;
	snprintf(failure->text, sizeof(failure->text), "%s", error);
	return -1;
}

/* Breakpoints in the clearing loop are slow, and under emulation as good as endless. The child is ended then. */
static bool ends_in_time(pid_t pid)
{
	struct pollfd child = {.fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	bool ended = child.fd < 0 || poll(&child, 1, PATIENCE_MS) > 0;

	if (child.fd >= 0)
		close(child.fd);
	if (!ended) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return ended;
}

/* Returns what it touched, or -1. */
static int run_child(struct tracer *tracer, struct failure *failure)
{
	const struct rung *zeroing = tracer->selection.by[SUBJECT_ZERO];
	char *const command[] = {CALIBRATE_NAME, zeroing && zeroing->misses_hugetlb ? NULL : "hugetlb", NULL};
	char error[TARGET_ERROR];
	struct target target;
	int code, status = 0;

	if (target_start(&target,
	        &(struct target_options){.command = command, .file = "/proc/self/exe", .as_root = true, .bare = true},
	        error))
		return cannot_run(failure, error);
	tracer_time(tracer, true, FAULT_EVENTS_EVERYWHERE);
	if (tracer_arm(tracer, target.pid, error)) {
		target_abandon(&target);
		cannot_run(failure, error);
		/* Of the rungs, only this one has hooks of each task. */
		if (tracer->selection.by[SUBJECT_ZERO] == rung_find("breakpoint")) {
			failure->rung = tracer->selection.by[SUBJECT_ZERO];
			failure->subject = SUBJECT_ZERO;
		}
		return -1;
	}
	if (tracer->skeleton)
		tracer->skeleton->bss->calibrating = 1;
	code = target_go(&target);
	if (code)
		return cannot_run(failure, strerror(code));
	if (!ends_in_time(target.pid)) {
		failure->rung = tracer->selection.by[SUBJECT_ZERO];
		failure->subject = SUBJECT_ZERO;
		snprintf(failure->text, sizeof(failure->text),
		    "under its hooks a few pages took more than %d s to touch", PATIENCE_MS / 1000);
		return -1;
	}
	if (waitpid(target.pid, &status, 0) != target.pid || !WIFEXITED(status) || !(WEXITSTATUS(status) & DONE))
		return cannot_run(failure, "the calibrated child failed");
	return WEXITSTATUS(status) & (TOUCHED_HUGE | TOUCHED_HUGETLB);
}

static int run_and_check(struct tracer *tracer, struct snapshot *snapshot, struct failure *failure)
{
	struct outcome outcome = {.selection = &tracer->selection, .snapshot = snapshot};
	char error[TRACER_ERROR];

	outcome.touched = run_child(tracer, failure);
	if (outcome.touched < 0)
		return -1;
	if (tracer->perf)
		tracer_stop(tracer);
	if (collect(tracer, snapshot, error))
		return cannot_run(failure, error);
	outcome.anon = snapshot_region_sum(snapshot, REGION_ANON);
	if (check_faults(&outcome, failure) || check_zeroing(&outcome, failure))
		return -1;
	return check_times(&outcome, failure);
}

static int calibrate_start(
    struct tracer *tracer, const struct selection *selection, bool verbose, struct failure *failure)
{
	struct snapshot *snapshot;
	int result;

	if (tracer_start(tracer, selection, verbose, failure))
		return -1;
	snapshot = snapshot_new();
	result = snapshot ? run_and_check(tracer, snapshot, failure) : cannot_run(failure, "out of memory");
	snapshot_free(snapshot);
	if (result)
		tracer_close(tracer);
	else
		tracer_reset(tracer);
	return result;
}

int calibrate_start_best(struct tracer *tracer, const struct demand *demand, bool verbose, char error[LADDER_ERROR])
{
	struct ladder ladder = {.demand = *demand};
	struct selection selection;
	struct failure failure;

	while (!ladder_choose(&ladder, &selection, error)) {
		if (!calibrate_start(tracer, &selection, verbose, &failure)) {
			ladder_why_no_bpf(&ladder, &selection, error);
			return 0;
		}
		if (verbose)
			fprintf(stderr, "hakmem-trace: %s%s%s\n", failure.rung ? failure.rung->name : "",
			    failure.rung ? ": " : "", failure.text);
		if (ladder_rule_out(&ladder, &failure)) {
			snprintf(error, LADDER_ERROR, "%s", failure.text);
			return -1;
		}
	}
	return -1;
}
