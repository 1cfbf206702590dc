// SPDX-License-Identifier: MIT
/* See copy.h. */
#include "snapshot/copy.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/decisions.h"
#include "snapshot/stacks.h"
#include "snapshot/strings.h"

#define MALLOC_ADDS 16

static void copy_attachment(struct attachment *into, const struct attachment *from, bool *failed)
{
	*into = *from;
	into->names = strings_copy(from->names, failed);
	into->cgroups = strings_copy(from->cgroups, failed);
	into->pids = from->pids ? calloc(from->pid_count + 1, sizeof(*into->pids)) : NULL;
	*failed |= from->pids && !into->pids;
	if (into->pids)
		memcpy(into->pids, from->pids, from->pid_count * sizeof(*into->pids));
}

static void copy_kernel(struct snapshot *into, const struct snapshot *from, bool *failed)
{
	into->kernel.release = string_copy(from->kernel.release, failed);
	into->kernel.lockdown = string_copy(from->kernel.lockdown, failed);
	into->kernel.init_on_alloc = from->kernel.init_on_alloc;
	into->kernel.cannot = strings_copy(from->kernel.cannot, failed);
	for (size_t i = 0; i < SUBJECT_COUNT; i++) {
		const struct hook *hook = &from->kernel.hooks[i];

		into->kernel.hooks[i] = (struct hook){
		    .rung = string_copy(hook->rung, failed),
		    .name = string_copy(hook->name, failed),
		    .detail = string_copy(hook->detail, failed),
		    .method = hook->method,
		};
	}
}

static bool copy_deciders(struct snapshot *into, const struct snapshot *from)
{
	if (!from->deciders)
		return true;
	return snapshot_deciders(into) && !deciders_copy(into->deciders, from->deciders);
}

int snapshot_copy_facts(struct snapshot *into, const struct snapshot *from)
{
	bool failed = false;

	into->command = strings_copy(from->command, &failed);
	copy_attachment(&into->attachment, &from->attachment, &failed);
	into->pid = from->pid;
	into->running = from->running;
	into->exit_code = from->exit_code;
	into->exit_signal = from->exit_signal;
	into->wall_ns = from->wall_ns;
	into->in_parts = from->in_parts;
	into->part = from->part;
	copy_kernel(into, from, &failed);
	into->totals.user_ns = from->totals.user_ns;
	into->totals.system_ns = from->totals.system_ns;
	into->totals.max_rss_bytes = from->totals.max_rss_bytes;
	into->filter.words = string_copy(from->filter.words, &failed);
	into->filter.from_stacks = from->filter.from_stacks;
	into->filter.faults = from->filter.faults;
	into->filter.zeroed_bytes = from->filter.zeroed_bytes;
	failed |= !copy_deciders(into, from);
	return failed ? -1 : 0;
}

struct snapshot *snapshot_copy(const struct snapshot *from)
{
	struct snapshot *copy = snapshot_new();

	if (copy && !snapshot_copy_facts(copy, from) && !snapshot_add(copy, from))
		return copy;
	snapshot_free(copy);
	return NULL;
}

static size_t string_bytes(const char *string)
{
	return string ? strlen(string) + 1 + MALLOC_ADDS : 0;
}

static size_t strings_bytes(char *const *strings)
{
	size_t bytes = strings ? MALLOC_ADDS + sizeof(*strings) : 0;

	for (; strings && *strings; strings++)
		bytes += sizeof(*strings) + string_bytes(*strings);
	return bytes;
}

static size_t facts_bytes(const struct snapshot *snapshot)
{
	size_t bytes = strings_bytes(snapshot->command) + string_bytes(snapshot->kernel.release) +
	               string_bytes(snapshot->kernel.lockdown) + strings_bytes(snapshot->kernel.cannot) +
	               strings_bytes(snapshot->attachment.names) + strings_bytes(snapshot->attachment.cgroups) +
	               snapshot->attachment.pid_count * sizeof(uint32_t) + string_bytes(snapshot->filter.words);

	for (size_t i = 0; i < SUBJECT_COUNT; i++) {
		const struct hook *hook = &snapshot->kernel.hooks[i];

		bytes += string_bytes(hook->rung) + string_bytes(hook->name) + string_bytes(hook->detail);
	}
	return bytes;
}

static size_t deciders_bytes(const struct deciders *deciders)
{
	size_t bytes = deciders ? sizeof(*deciders) + deciders->count * sizeof(*deciders->list) + 2 * MALLOC_ADDS : 0;

	for (size_t i = 0; deciders && i < deciders->count; i++) {
		const struct decisions *decisions = &deciders->list[i].decisions;

		bytes +=
		    string_bytes(deciders->list[i].comm) + decisions->count * sizeof(*decisions->list) + MALLOC_ADDS;
		for (size_t j = 0; j < decisions->count; j++)
			bytes += string_bytes(decisions->list[j].reason);
	}
	return bytes;
}

/* Arrays of rows grow by doubling. */
static size_t room(size_t count)
{
	size_t rows = 1;

	while (rows < count)
		rows *= 2;
	return count ? rows : 0;
}

size_t snapshot_bytes(const struct snapshot *snapshot)
{
	size_t bytes = sizeof(*snapshot) + facts_bytes(snapshot) + 5 * MALLOC_ADDS;

	bytes += room(snapshot->region_count) * sizeof(*snapshot->regions);
	for (size_t i = 0; i < snapshot->region_count; i++)
		bytes += string_bytes(snapshot->regions[i].detail);
	bytes += room(snapshot->process_count) * sizeof(*snapshot->processes);
	for (size_t i = 0; i < snapshot->process_count; i++)
		bytes += string_bytes(snapshot->processes[i].comm) + string_bytes(snapshot->processes[i].cgroup);
	bytes += room(snapshot->phase_count) * sizeof(*snapshot->phases);
	for (size_t i = 0; i < snapshot->phase_count; i++)
		bytes += string_bytes(snapshot->phases[i].name);
	bytes += room(snapshot->purger_count) * sizeof(*snapshot->purgers);
	for (size_t i = 0; i < snapshot->purger_count; i++)
		bytes += string_bytes(snapshot->purgers[i].object);
	bytes += deciders_bytes(snapshot->deciders);
	return bytes + (snapshot->stacks ? stacks_bytes(snapshot->stacks) : 0);
}
