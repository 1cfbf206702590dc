// SPDX-License-Identifier: MIT
/* Address spaces, kept from records. */
#include "trace/perf_only.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/types.h"
#include "trace/owner.h"
#include "trace/perf_ring.h"

/* Whose: an owner as BPF would have it, with its object by name. */
struct row {
	enum owner_kind kind;
	char *object;
	uint64_t faults, major;
};

struct range {
	uint64_t start, end;
	size_t row;
};

struct process {
	uint32_t pid, parent;
	char comm[16];
	char *program;        /* path */
	bool traced;          /* an exec was seen */
	struct range *ranges; /* the later wins */
	size_t range_count, range_room;
	size_t last; /* the range of the last fault */
	uint64_t faults, major;
};

struct perf_only {
	struct perf_ring *ring;
	struct row *rows;
	size_t row_count;
	struct process **processes;
	size_t process_count;
	uint64_t lost;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* SIZE_MAX: out of memory. */
static size_t row_of(struct perf_only *perf, enum owner_kind kind, const char *object)
{
	struct row *more;

	for (size_t i = 0; i < perf->row_count; i++)
		if (perf->rows[i].kind == kind && !strcmp(perf->rows[i].object, object))
			return i;
	more = realloc(perf->rows, (perf->row_count + 1) * sizeof(*more));
	if (!more)
		return SIZE_MAX;
	perf->rows = more;
	perf->rows[perf->row_count] = (struct row){.kind = kind, .object = strdup(object)};
	return perf->rows[perf->row_count].object ? perf->row_count++ : SIZE_MAX;
}

static struct process *find_process(struct perf_only *perf, uint32_t pid)
{
	/* The newest of that number. */
	for (size_t i = perf->process_count; i; i--)
		if (perf->processes[i - 1]->pid == pid)
			return perf->processes[i - 1];
	return NULL;
}

static struct process *add_process(struct perf_only *perf, uint32_t pid, uint32_t parent)
{
	struct process **more = realloc(perf->processes, (perf->process_count + 1) * sizeof(*more));
	struct process *process = calloc(1, sizeof(*process));

	if (more)
		perf->processes = more;
	if (!more || !process) {
		free(process);
		perf->lost++;
		return NULL;
	}
	process->pid = pid;
	process->parent = parent;
	perf->processes[perf->process_count++] = process;
	return process;
}

static struct range *range_at(struct process *process, uint64_t address)
{
	struct range *last = process->last < process->range_count ? &process->ranges[process->last] : NULL;

	if (last && address >= last->start && address < last->end)
		return last;
	for (size_t i = process->range_count; i; i--) {
		struct range *range = &process->ranges[i - 1];

		if (address >= range->start && address < range->end) {
			process->last = i - 1;
			return range;
		}
	}
	return NULL;
}

static void add_range(struct perf_only *perf, struct process *process, uint64_t start, uint64_t end, size_t row)
{
	if (process->range_count == process->range_room) {
		size_t room = process->range_room ? 2 * process->range_room : 64;
		struct range *more = realloc(process->ranges, room * sizeof(*more));

		if (!more) {
			perf->lost++;
			return;
		}
		process->ranges = more;
		process->range_room = room;
	}
	if (row == SIZE_MAX) {
		perf->lost++;
		return;
	}
	process->ranges[process->range_count++] = (struct range){start, end, row};
	process->last = process->range_count; /* what was last may be covered now */
}

static bool is_image(enum owner_kind kind)
{
	return kind >= OWNER_PROGRAM_TEXT && kind <= OWNER_IMAGE_BSS;
}

/* Anonymous memory that begins where an image's segment ends is its bss; so it stays when its protection changes. */
static size_t anonymous_row(struct perf_only *perf, struct process *process, uint64_t start)
{
	struct range *here = range_at(process, start), *before = range_at(process, start - 1);
	const struct row *row;

	if (here && is_image(perf->rows[here->row].kind))
		return here->row;
	if (!before || !is_image(perf->rows[before->row].kind))
		return row_of(perf, OWNER_ANON, "");
	row = &perf->rows[before->row];
	return row_of(perf, row->kind < OWNER_IMAGE_TEXT ? OWNER_PROGRAM_BSS : OWNER_IMAGE_BSS, row->object);
}

/* The kernel doesn't say who maps a file: what is named as a shared object, or executable, is taken for one. */
static size_t file_row(struct perf_only *perf, struct process *process, const struct perf_record *map)
{
	struct range *here = range_at(process, map->address);
	const char *object = base_name(map->name);
	bool program;
	enum owner_kind kind;

	if (!process->program)
		process->program = strdup(map->name);
	program = process->program && !strcmp(process->program, map->name);
	if (map->flags & MAP_SHARED || (!program && !strstr(object, ".so") && !(map->protection & PROT_EXEC)))
		return row_of(perf, OWNER_FILE, object);
	/* Relocated data that becomes read-only is data all the same. */
	if (here && is_image(perf->rows[here->row].kind) && !strcmp(perf->rows[here->row].object, object) &&
	    map->protection == PROT_READ)
		return here->row;
	kind = map->protection & PROT_EXEC    ? OWNER_IMAGE_TEXT
	       : map->protection & PROT_WRITE ? OWNER_IMAGE_DATA
	                                      : OWNER_IMAGE_READONLY;
	return row_of(perf, program ? kind - OWNER_IMAGE_TEXT + OWNER_PROGRAM_TEXT : kind, object);
}

static size_t row_of_map(struct perf_only *perf, struct process *process, const struct perf_record *map)
{
	const char *name = map->name;

	if (!strcmp(name, "//anon"))
		return anonymous_row(perf, process, map->address);
	if (!strcmp(name, "[heap]"))
		return row_of(perf, OWNER_BREAK, "");
	if (!strncmp(name, "[stack", 6))
		return row_of(perf, OWNER_STACK_MAIN, "");
	if (name[0] == '[')
		return row_of(perf, OWNER_VDSO, "");
	if (!strncmp(name, "/dev/zero", 9))
		return row_of(perf, OWNER_SHARED, "");
	return file_row(perf, process, map);
}

#define MAPPINGS_ABOVE 0x700000000000UL

static void take_fault(struct perf_only *perf, struct process *process, const struct perf_record *fault)
{
	struct range *range = range_at(process, fault->address);
	size_t row = range ? range->row : SIZE_MAX;

	/* All but the main stack is told when it is mapped. */
	if (!range)
		row = row_of(perf, fault->address > MAPPINGS_ABOVE ? OWNER_STACK_MAIN : OWNER_ANON, "");
	if (row == SIZE_MAX) {
		perf->lost++;
		return;
	}
	perf->rows[row].faults++;
	perf->rows[row].major += fault->major;
	process->faults++;
	process->major += fault->major;
}

static void take_fork(struct perf_only *perf, const struct perf_record *record)
{
	struct process *parent = find_process(perf, record->parent), *child;

	if (!parent || !parent->traced)
		return;
	child = add_process(perf, record->pid, record->parent);
	if (!child)
		return;
	child->traced = true;
	memcpy(child->comm, parent->comm, sizeof(child->comm));
	child->program = parent->program ? strdup(parent->program) : NULL;
	for (size_t i = 0; i < parent->range_count; i++)
		add_range(perf, child, parent->ranges[i].start, parent->ranges[i].end, parent->ranges[i].row);
}

static void take(void *context, const struct perf_record *record)
{
	struct perf_only *perf = context;
	struct process *process = find_process(perf, record->pid);

	if (record->kind == PERF_LOST)
		perf->lost += record->length;
	else if (record->kind == PERF_FORK)
		take_fork(perf, record);
	if (!process)
		return;
	if (record->kind == PERF_NAME) {
		snprintf(process->comm, sizeof(process->comm), "%s", record->name);
		if (record->executed) {
			process->traced = true;
			process->range_count = 0;
			free(process->program);
			process->program = NULL;
		}
	}
	if (!process->traced)
		return;
	if (record->kind == PERF_MAP)
		add_range(perf, process, record->address, record->address + record->length,
		    row_of_map(perf, process, record));
	else if (record->kind == PERF_FAULT)
		take_fault(perf, process, record);
}

struct perf_only *perf_only_new(void)
{
	return calloc(1, sizeof(struct perf_only));
}

static void forget(struct perf_only *perf)
{
	perf_ring_close(perf->ring);
	for (size_t i = 0; i < perf->row_count; i++)
		free(perf->rows[i].object);
	for (size_t i = 0; i < perf->process_count; i++) {
		free(perf->processes[i]->program);
		free(perf->processes[i]->ranges);
		free(perf->processes[i]);
	}
	free(perf->rows);
	free(perf->processes);
	*perf = (struct perf_only){};
}

void perf_only_free(struct perf_only *perf)
{
	if (perf)
		forget(perf);
	free(perf);
}

int perf_only_arm(struct perf_only *perf, pid_t pid, char reason[RUNG_REASON])
{
	forget(perf);
	if (!add_process(perf, pid, getpid()))
		return -1;
	perf->ring = perf_ring_open(pid, reason);
	return perf->ring ? 0 : -1;
}

int perf_only_descriptor(const struct perf_only *perf)
{
	return perf->ring ? perf_ring_descriptor(perf->ring) : -1;
}

void perf_only_drain(struct perf_only *perf)
{
	if (perf->ring && perf_ring_drain(perf->ring, false, take, perf))
		perf->lost++;
}

void perf_only_stop(struct perf_only *perf)
{
	if (perf->ring && perf_ring_drain(perf->ring, true, take, perf))
		perf->lost++;
	perf_ring_close(perf->ring);
	perf->ring = NULL;
}

static int add_processes(const struct perf_only *perf, struct snapshot *snapshot)
{
	snapshot->processes = calloc(perf->process_count + 1, sizeof(*snapshot->processes));
	if (!snapshot->processes)
		return -1;
	for (size_t i = 0; i < perf->process_count; i++) {
		const struct process *process = perf->processes[i];
		struct process_row *row = &snapshot->processes[snapshot->process_count];

		if (!process->traced)
			continue;
		*row = (struct process_row){.pid = process->pid,
		    .parent = process->parent,
		    .comm = strdup(process->comm),
		    .counts = {.faults = process->faults, .major = process->major, .populated = UNKNOWN}};
		if (!row->comm)
			return -1;
		snapshot->process_count++;
	}
	return 0;
}

int perf_only_collect(const struct perf_only *perf, struct snapshot *snapshot)
{
	char detail[OWNER_DETAIL];

	for (size_t i = 0; i < perf->row_count; i++) {
		const struct row *row = &perf->rows[i];
		enum region region = owner_region(OWNER(row->kind, 0), 0, row->object, detail);
		struct region_row *into = row->faults ? snapshot_region(snapshot, region, detail) : NULL;

		if (!into && row->faults)
			return -1;
		if (!into)
			continue;
		into->counts.faults += row->faults;
		into->counts.major += row->major;
		into->counts.causes[FAULT_CAUSE_UNKNOWN] += row->faults;
		into->counts.populated = UNKNOWN;
	}
	snapshot_lose(snapshot, LOST_EVENTS, perf->lost);
	snapshot->totals.charged_minor = snapshot->totals.charged_major = UNKNOWN;
	snapshot->totals.unseen = snapshot->totals.failed = UNKNOWN;
	return add_processes(perf, snapshot);
}
