// SPDX-License-Identifier: MIT
#include "stack/jit_maps.h"

#include <stdlib.h>
#include <time.h>

#include "symbol/perf_map.h"

#define PROCESSES 256 /* more have no names */

struct process {
	uint32_t pid;
	time_t tried; /* a map may come later than the first code */
	struct perf_map *map;
};

struct jit_maps {
	struct process processes[PROCESSES];
	size_t count;
};

struct jit_maps *jit_maps_new(void)
{
	return calloc(1, sizeof(struct jit_maps));
}

void jit_maps_free(struct jit_maps *maps)
{
	for (size_t i = 0; maps && i < maps->count; i++)
		perf_map_close(maps->processes[i].map);
	free(maps);
}

static struct process *find(const struct jit_maps *maps, uint32_t pid)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->processes[i].pid == pid)
			return (struct process *)&maps->processes[i];
	return NULL;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec + 1;
}

void jit_maps_meet(struct jit_maps *maps, uint32_t pid)
{
	struct process *process = find(maps, pid);
	time_t now = seconds();

	if (!process) {
		if (maps->count == PROCESSES)
			return;
		process = &maps->processes[maps->count++];
		process->pid = pid;
	}
	if (process->map || process->tried == now)
		return;
	process->tried = now;
	process->map = perf_map_open(pid);
}

void jit_maps_refresh(struct jit_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		struct process *process = &maps->processes[i];

		if (process->map)
			perf_map_refresh(process->map);
		else
			process->map = perf_map_open(process->pid);
	}
}

const char *jit_maps_function(const struct jit_maps *maps, uint32_t pid, uint64_t address)
{
	const struct process *process = find(maps, pid);

	return process && process->map ? perf_map_function(process->map, address) : NULL;
}
