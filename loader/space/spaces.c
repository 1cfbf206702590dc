// SPDX-License-Identifier: MIT
/* Which processes; then, of the largest, one by one, as space_process.c has it. */
#include "space/spaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/types.h"
#include "trace.skel.h"
#include "trace/object_names.h"
#include "trace/records.h"
#include "space/space_process.h"

#define DETAILED_MOST 16 /* processes of which ranges are listed */

struct candidate {
	struct traced_process process;
	uint64_t bytes, resident_bytes;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static bool read_sizes(struct candidate *candidate)
{
	unsigned long long pages, resident;
	char path[64];
	FILE *file;
	int got;

	snprintf(path, sizeof(path), "/proc/%u/statm", candidate->process.process);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fscanf(file, "%llu %llu", &pages, &resident);
	fclose(file);
	candidate->bytes = pages * sysconf(_SC_PAGESIZE);
	candidate->resident_bytes = resident * sysconf(_SC_PAGESIZE);
	return got == 2 && pages;
}

static int by_resident(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->resident_bytes != b->resident_bytes)
		return a->resident_bytes < b->resident_bytes ? 1 : -1;
	return a->process.process < b->process.process ? -1 : a->process.process > b->process.process;
}

/* All that live, the largest first. NULL when out of memory, or they can't be listed. */
static struct candidate *list(struct tracer *tracer, size_t *count)
{
	struct candidate *candidates = NULL;
	struct records records;

	*count = 0;
	if (!records_read(&records, tracer->skeleton->progs.tell_traced, 0))
		candidates = calloc(records.size / sizeof(struct traced_process) + 1, sizeof(*candidates));
	for (size_t i = 0; candidates && i < records.size / sizeof(struct traced_process); i++) {
		candidates[*count].process = ((struct traced_process *)records.bytes)[i];
		/* An id that this namespace has none for is 0. */
		if (candidates[*count].process.process && read_sizes(&candidates[*count]))
			++*count;
	}
	free(records.bytes);
	if (candidates)
		qsort(candidates, *count, sizeof(*candidates), by_resident);
	return candidates;
}

static int add(struct spaces *spaces, struct space_looker *looker, const struct candidate *candidate)
{
	struct spaces_process *process = &spaces->processes[spaces->process_count++];
	size_t ranges = SPACES_RANGES_MOST, most = SPACES_SLABS_MOST / 2;

	*process = (struct spaces_process){
	    .pid = candidate->process.process,
	    .comm = strndup(candidate->process.comm, sizeof(candidate->process.comm)),
	    .bytes = candidate->bytes,
	    .resident_bytes = candidate->resident_bytes,
	};
	if (!process->comm)
		return -1;
	if (spaces->process_count > DETAILED_MOST) {
		process->cannot = strdup("too many processes: only the largest ones' ranges are listed");
		return process->cannot ? 0 : -1;
	}
	if (most > looker->super_slabs)
		most = looker->super_slabs;
	if (space_process_look(looker, &candidate->process, process, ranges, most))
		return -1;
	for (size_t i = 0; i < process->range_count; i++)
		looker->super_slabs -= process->ranges[i].slabs != NULL;
	return 0;
}

int spaces_collect(struct tracer *tracer, struct spaces *spaces, uint64_t budget_ns)
{
	uint64_t start = now();
	struct space_looker looker = {
	    .tracer = tracer, .until_ns = start + budget_ns, .super_slabs = SPACES_SLABS_MOST};
	struct candidate *candidates;
	int result = 0;
	size_t count;

	*spaces = (struct spaces){};
	if (!tracer->skeleton) {
		errno = EOPNOTSUPP; /* perf only: nothing tells who lives */
		return -1;
	}
	candidates = list(tracer, &count);
	if (!candidates)
		return -1;
	spaces->processes = calloc(SPACES_PROCESSES_MOST, sizeof(*spaces->processes));
	result = spaces->processes ? object_names_read(tracer->skeleton, &looker.names) : -1;
	for (size_t i = 0; !result && i < count; i++) {
		if (i < SPACES_PROCESSES_MOST) {
			result = add(spaces, &looker, &candidates[i]);
		} else {
			spaces->other_processes++;
			spaces->other_resident_bytes += candidates[i].resident_bytes;
		}
	}
	object_names_free(&looker.names);
	free(candidates);
	spaces->took_ns = now() - start;
	return result;
}
