// SPDX-License-Identifier: MIT
/* See mapped_process.h. */
#include "process/mapped_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"

#define KEPT 64 /* that have ended: what is told late of one is still told of it */

static void clear(struct mapped_process *process)
{
	space_free(&process->space);
	free(process->program);
	free(process->mappings);
	process->program = NULL;
	process->mappings = NULL;
	process->mapping_count = process->mapping_room = 0;
}

void mapped_processes_free(struct mapped_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++)
		clear(&processes->list[i]);
	free(processes->list);
	*processes = (struct mapped_processes){};
}

struct mapped_process *mapped_process_find(const struct mapped_processes *processes, uint32_t pid)
{
	for (size_t i = processes->count; i; i--)
		if (processes->list[i - 1].pid == pid)
			return &processes->list[i - 1];
	return NULL;
}

struct mapped_process *mapped_process_add(struct mapped_processes *processes, uint32_t pid)
{
	if (room_for_one(&processes->list, &processes->room, processes->count, sizeof(*processes->list))) {
		processes->lost++;
		return NULL;
	}
	processes->ever++;
	processes->list[processes->count] = (struct mapped_process){.pid = pid};
	return &processes->list[processes->count++];
}

static int copy_into(struct mapped_process *child, const struct mapped_process *parent)
{
	if (parent->program && !(child->program = strdup(parent->program)))
		return -1;
	if (space_copy(&child->space, &parent->space))
		return -1;
	child->mappings = malloc((parent->mapping_count + 1) * sizeof(*child->mappings));
	if (!child->mappings) {
		space_free(&child->space);
		return -1;
	}
	if (parent->mapping_count)
		memcpy(child->mappings, parent->mappings, parent->mapping_count * sizeof(*child->mappings));
	child->mapping_count = child->mapping_room = parent->mapping_count;
	return 0;
}

void mapped_process_fork(struct mapped_processes *processes, uint32_t parent, uint32_t pid)
{
	struct mapped_process *forking = mapped_process_find(processes, parent), *child;
	struct mapped_process *former = mapped_process_find(processes, pid);

	/* Records may be of the whole machine, and numbers come again. */
	if (former)
		former->followed = false;
	child = forking && forking->followed ? mapped_process_add(processes, pid) : NULL;
	if (!child)
		return;
	child->followed = true;
	if (copy_into(child, mapped_process_find(processes, parent))) /* it may have moved */
		processes->lost++;
}

void mapped_process_exec(struct mapped_process *process)
{
	clear(process);
	process->followed = true;
}

/* Only those that something is of: a program that maps and unmaps code has no end of others. */
static int keep_used(struct mapped_process *process)
{
	struct mapping *used = malloc((process->space.count + 1) * sizeof(*used));

	if (!used)
		return -1;
	for (size_t i = 0; i < process->space.count; i++) {
		used[i] = process->mappings[process->space.ranges[i].owner];
		process->space.ranges[i].owner = i;
	}
	free(process->mappings);
	process->mappings = used;
	process->mapping_count = process->space.count;
	process->mapping_room = process->space.count + 1;
	return 0;
}

int mapped_process_map(struct mapped_process *process, uint64_t start, uint64_t end, const struct mapping *mapping)
{
	if (process->mapping_count > 2 * process->space.count + 64 && keep_used(process))
		return -1;
	if (room_for_one(
	        &process->mappings, &process->mapping_room, process->mapping_count, sizeof(*process->mappings)))
		return -1;
	process->mappings[process->mapping_count] = *mapping;
	return space_add(&process->space, start, end, process->mapping_count++);
}

/* Gone, or its number is another's. Of one whose first thread alone has ended the number remains. */
static bool is_over(const struct mapped_processes *processes, const struct mapped_process *process)
{
	return mapped_process_find(processes, process->pid) != process || (kill(process->pid, 0) && errno == ESRCH);
}

/* The longest ended first. */
static void forget_ended(struct mapped_processes *processes)
{
	size_t kept = 0, surplus = processes->ended - KEPT;

	for (size_t i = 0; i < processes->count; i++) {
		struct mapped_process *process = &processes->list[i];

		if (process->ended && surplus && is_over(processes, process)) {
			surplus--;
			processes->ended--;
			clear(process);
			process->pid = 0;
		}
	}
	for (size_t i = 0; i < processes->count; i++)
		if (processes->list[i].pid)
			processes->list[kept++] = processes->list[i];
	processes->count = kept;
	processes->enough = processes->ended + KEPT;
}

void mapped_process_end(struct mapped_processes *processes, uint32_t pid)
{
	struct mapped_process *process = mapped_process_find(processes, pid);

	if (!process || process->ended)
		return;
	process->ended = true;
	if (++processes->ended >= processes->enough && processes->ended > KEPT)
		forget_ended(processes);
}
