// SPDX-License-Identifier: MIT
#include "trace/perf_spaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "process/owner.h"

/* SIZE_MAX: out of memory. */
static size_t owner_of(struct perf_spaces *spaces, enum owner_kind kind, const char *object)
{
	struct perf_owner *more;

	for (size_t i = 0; i < spaces->owner_count; i++)
		if (spaces->owners[i].kind == kind && !strcmp(spaces->owners[i].object, object))
			return i;
	more = realloc(spaces->owners, (spaces->owner_count + 1) * sizeof(*more));
	if (!more)
		return SIZE_MAX;
	spaces->owners = more;
	spaces->owners[spaces->owner_count] = (struct perf_owner){.kind = kind, .object = strdup(object)};
	return spaces->owners[spaces->owner_count].object ? spaces->owner_count++ : SIZE_MAX;
}

static struct perf_process *find_process(const struct perf_spaces *spaces, uint32_t pid)
{
	/* The newest of that number. */
	for (size_t i = spaces->process_count; i; i--)
		if (spaces->processes[i - 1]->pid == pid)
			return spaces->processes[i - 1];
	return NULL;
}

static struct perf_process *add_process(struct perf_spaces *spaces, uint32_t pid, uint32_t parent)
{
	struct perf_process **more = realloc(spaces->processes, (spaces->process_count + 1) * sizeof(*more));
	struct perf_process *process = calloc(1, sizeof(*process));

	if (more)
		spaces->processes = more;
	if (!more || !process) {
		free(process);
		spaces->lost++;
		return NULL;
	}
	process->pid = pid;
	process->parent = parent;
	process->number = spaces->process_count;
	spaces->processes[spaces->process_count++] = process;
	return process;
}

static void add_range(
    struct perf_spaces *spaces, struct perf_process *process, uint64_t start, uint64_t end, size_t owner)
{
	if (owner == SIZE_MAX || space_add(&process->space, start, end, owner))
		spaces->lost++;
}

static bool is_image(enum owner_kind kind)
{
	return kind >= OWNER_PROGRAM_TEXT && kind <= OWNER_IMAGE_BSS;
}

static bool is_written(enum owner_kind kind)
{
	return kind == OWNER_PROGRAM_DATA || kind == OWNER_PROGRAM_BSS || kind == OWNER_IMAGE_DATA ||
	       kind == OWNER_IMAGE_BSS;
}

/*
 * Anonymous memory that begins where an image's segment ends is its bss; so it stays when its protection changes. (An
 * image is first mapped as a whole, read-only.)
 */
static size_t anonymous_owner(struct perf_spaces *spaces, struct perf_process *process, uint64_t start)
{
	const struct space_range *here = space_find(&process->space, start),
	                         *before = space_find(&process->space, start - 1);
	const struct perf_owner *owner;

	if (here && is_written(spaces->owners[here->owner].kind))
		return here->owner;
	if (!before || !is_image(spaces->owners[before->owner].kind))
		return owner_of(spaces, OWNER_ANON, "");
	owner = &spaces->owners[before->owner];
	return owner_of(spaces, owner->kind < OWNER_IMAGE_TEXT ? OWNER_PROGRAM_BSS : OWNER_IMAGE_BSS, owner->object);
}

/* The kernel doesn't say who maps a file: what is named as a shared object, or executable, is taken for one. */
static size_t file_owner(struct perf_spaces *spaces, struct perf_process *process, const struct perf_record *map)
{
	const struct space_range *here = space_find(&process->space, map->address);
	const char *object = basename(map->name);
	bool program;

	if (!process->program)
		process->program = strdup(map->name);
	program = process->program && !strcmp(process->program, map->name);
	if (map->flags & MAP_SHARED || (!program && !strstr(object, ".so") && !(map->protection & PROT_EXEC)))
		return owner_of(spaces, OWNER_FILE, object);
	/* Relocated data that becomes read-only is data all the same. */
	if (here && is_image(spaces->owners[here->owner].kind) && !strcmp(spaces->owners[here->owner].object, object) &&
	    map->protection == PROT_READ)
		return here->owner;
	return owner_of(
	    spaces, owner_of_image(program, map->protection & PROT_WRITE, map->protection & PROT_EXEC), object);
}

static size_t owner_of_map(struct perf_spaces *spaces, struct perf_process *process, const struct perf_record *map)
{
	const char *name = map->name;

	if (!strcmp(name, "//anon"))
		return anonymous_owner(spaces, process, map->address);
	if (!strcmp(name, "[heap]"))
		return owner_of(spaces, OWNER_BREAK, "");
	if (!strncmp(name, "[stack", 6))
		return owner_of(spaces, OWNER_STACK_MAIN, "");
	if (name[0] == '[')
		return owner_of(spaces, OWNER_VDSO, "");
	if (!strncmp(name, "/dev/zero", 9))
		return owner_of(spaces, OWNER_SHARED, "");
	return file_owner(spaces, process, map);
}

#define MAPPINGS_ABOVE 0x700000000000UL

size_t perf_spaces_owner(struct perf_spaces *spaces, struct perf_process *process, uint64_t address)
{
	const struct space_range *range = space_find(&process->space, address);

	/* All but the main stack is told when it is mapped. */
	if (!range)
		return owner_of(spaces, address > MAPPINGS_ABOVE ? OWNER_STACK_MAIN : OWNER_ANON, "");
	return range->owner;
}

size_t perf_spaces_kernel(struct perf_spaces *spaces)
{
	return owner_of(spaces, OWNER_KERNEL_OTHER, "");
}

static void take_fork(struct perf_spaces *spaces, const struct perf_record *record)
{
	struct perf_process *parent = find_process(spaces, record->parent), *child;

	if (!parent || !parent->traced)
		return;
	child = add_process(spaces, record->pid, record->parent);
	if (!child)
		return;
	child->traced = true;
	memcpy(child->comm, parent->comm, sizeof(child->comm));
	child->program = parent->program ? strdup(parent->program) : NULL;
	if (space_copy(&child->space, &parent->space))
		spaces->lost++;
}

static void take_exec(struct perf_process *process)
{
	process->traced = true;
	process->execs++;
	space_free(&process->space);
	free(process->program);
	process->program = NULL;
}

void perf_spaces_take(struct perf_spaces *spaces, const struct perf_record *record)
{
	struct perf_process *process = find_process(spaces, record->pid);

	if (record->kind == PERF_FORK)
		take_fork(spaces, record);
	if (!process)
		return;
	if (record->kind == PERF_NAME) {
		snprintf(process->comm, sizeof(process->comm), "%s", record->name);
		if (record->executed)
			take_exec(process);
	}
	if (process->traced && record->kind == PERF_MAP)
		add_range(spaces, process, record->address, record->address + record->length,
		    owner_of_map(spaces, process, record));
}

struct perf_process *perf_spaces_process(const struct perf_spaces *spaces, uint32_t pid)
{
	struct perf_process *process = find_process(spaces, pid);

	return process && process->traced ? process : NULL;
}

int perf_spaces_start(struct perf_spaces *spaces, uint32_t pid, uint32_t parent)
{
	*spaces = (struct perf_spaces){};
	return add_process(spaces, pid, parent) ? 0 : -1;
}

void perf_spaces_free(struct perf_spaces *spaces)
{
	for (size_t i = 0; i < spaces->owner_count; i++)
		free(spaces->owners[i].object);
	for (size_t i = 0; i < spaces->process_count; i++) {
		free(spaces->processes[i]->program);
		space_free(&spaces->processes[i]->space);
		free(spaces->processes[i]);
	}
	free(spaces->owners);
	free(spaces->processes);
	*spaces = (struct perf_spaces){};
}
