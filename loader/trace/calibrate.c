// SPDX-License-Identifier: MIT
/* A known touch, and what must come of it. */
#include "trace/calibrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/collect.h"
#include "trace/target.h"

#define TOUCHED   64
#define POPULATED 16
#define PAGE      4096

static char *map_pages(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

int calibrate_child(void)
{
	volatile char *touched;

	/* Where the machine makes huge pages of everything, one fault would do for all. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	touched = map_pages(TOUCHED, 0);
	if (touched == MAP_FAILED || map_pages(POPULATED, MAP_POPULATE) == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < TOUCHED; i++)
		touched[i * PAGE] = 1;
	return 0;
}

static int check(const struct counts *anon, const struct snapshot *snapshot, char error[TRACER_ERROR])
{
	uint64_t charged = snapshot->totals.charged_minor + snapshot->totals.charged_major;

	if (snapshot->totals.counts.faults != charged || snapshot->totals.lost) {
		snprintf(error, TRACER_ERROR, "calibration: %llu faults counted where %llu were charged, %llu lost",
		    (unsigned long long)snapshot->totals.counts.faults, (unsigned long long)charged,
		    (unsigned long long)snapshot->totals.lost);
		return -1;
	}
	if (anon->faults != TOUCHED + POPULATED || anon->populated != POPULATED) {
		snprintf(error, TRACER_ERROR,
		    "calibration: %d touched and %d populated pages gave %llu faults, %llu populated", TOUCHED,
		    POPULATED, (unsigned long long)anon->faults, (unsigned long long)anon->populated);
		return -1;
	}
	if (anon->zeroed_bytes != (TOUCHED + POPULATED) * PAGE) {
		snprintf(error, TRACER_ERROR, "calibration: %d fresh pages gave %llu zeroed bytes", TOUCHED + POPULATED,
		    (unsigned long long)anon->zeroed_bytes);
		return -1;
	}
	if (anon->timed < TOUCHED) {
		snprintf(error, TRACER_ERROR, "calibration: of %d faults only %llu were timed", TOUCHED,
		    (unsigned long long)anon->timed);
		return -1;
	}
	return 0;
}

static int run_child(struct tracer *tracer, char error[TRACER_ERROR])
{
	char *const command[] = {CALIBRATE_NAME, NULL};
	struct target target;
	int code, status = 0;

	if (target_start(&target,
	        &(struct target_options){.command = command, .file = "/proc/self/exe", .as_root = true, .bare = true},
	        error))
		return -1;
	if (tracer_arm(tracer, target.pid, error)) {
		target_abandon(&target);
		return -1;
	}
	code = target_go(&target);
	if (code) {
		snprintf(error, TRACER_ERROR, "calibration can't run /proc/self/exe: %s", strerror(code));
		return -1;
	}
	if (waitpid(target.pid, &status, 0) != target.pid || status) {
		snprintf(error, TRACER_ERROR, "calibration: its child failed (status %#x)", status);
		return -1;
	}
	return 0;
}

int calibrate_start(struct tracer *tracer, const struct rung *rung, bool verbose, char error[TRACER_ERROR])
{
	struct snapshot *snapshot;
	struct counts anon;
	int result = -1;

	if (tracer_start(tracer, rung, verbose, error))
		return -1;
	snapshot = snapshot_new();
	if (!snapshot)
		snprintf(error, TRACER_ERROR, "out of memory");
	else if (!run_child(tracer, error) && !collect(tracer, snapshot, error)) {
		anon = snapshot_region_sum(snapshot, REGION_ANON);
		result = check(&anon, snapshot, error);
	}
	snapshot_free(snapshot);
	if (result)
		tracer_close(tracer);
	else
		tracer_reset(tracer);
	return result;
}

int calibrate_start_best(struct tracer *tracer, const struct rung *wanted, bool verbose, char error[TRACER_ERROR])
{
	size_t used = 0;

	for (size_t i = 0; i < rung_count; i++) {
		char reason[TRACER_ERROR] = "";

		if (wanted && wanted != &rungs[i])
			continue;
		if (!calibrate_start(tracer, &rungs[i], verbose, reason))
			return 0;
		if (verbose)
			fprintf(stderr, "hakmem-trace: rung %s: %s\n", rungs[i].name, reason);
		if (used < TRACER_ERROR)
			used += snprintf(
			    error + used, TRACER_ERROR - used, "%s%s: %s", used ? "; " : "", rungs[i].name, reason);
	}
	return -1;
}
