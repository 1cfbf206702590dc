// SPDX-License-Identifier: MIT
/* Executable maps, code files, and an unwinder for each of the processes that had stacks lately. See stack_unwind.h. */
#include "stack/stack_unwind.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "snapshot/room.h"
#include "symbol/unwinder.h"
#include "stack/executable_maps.h"
#include "machine/perf_ring.h"

#define UNWINDERS 32 /* each holds a few files' descriptors and tables */

struct process_unwinder {
	uint32_t pid; /* 0: free */
	uint64_t used;
	struct unwinder *unwinder;
	struct stack_unwind *owner;
};

struct stack_unwind {
	bool every_task;
	struct perf_ring *ring;
	struct executable_maps *maps;
	struct code_files *files;
	struct jit_maps *jit_maps;
	uint64_t drained_ns;         /* the ring was empty then */
	struct perf_record *waiting; /* from the ring, for the time at which they happened */
	size_t first, count, room;
	uint64_t uses;
	struct process_unwinder unwinders[UNWINDERS];
};

/* Nothing but what tasks map, fork and execute. */
static const struct perf_source mappings = {
    .type = PERF_TYPE_SOFTWARE,
    .config = PERF_COUNT_SW_DUMMY,
    .details = true,
    .stacks = true,
};

struct stack_unwind *stack_unwind_new(bool every_task)
{
	struct stack_unwind *unwind = calloc(1, sizeof(*unwind));

	if (!unwind)
		return NULL;
	unwind->every_task = every_task;
	unwind->maps = executable_maps_new();
	unwind->files = code_files_new();
	unwind->jit_maps = jit_maps_new();
	if (every_task)
		unwind->ring = perf_ring_open_sources(PERF_EVERY_TASK, &mappings, 1);
	if (unwind->maps && unwind->files && unwind->jit_maps && (unwind->ring || !every_task))
		return unwind;
	stack_unwind_free(unwind);
	return NULL;
}

void stack_unwind_free(struct stack_unwind *unwind)
{
	int error = errno;

	if (!unwind)
		return;
	for (size_t i = 0; i < UNWINDERS; i++)
		unwinder_free(unwind->unwinders[i].unwinder);
	perf_ring_close(unwind->ring);
	for (size_t i = unwind->first; i < unwind->count; i++)
		perf_record_drop(&unwind->waiting[i]);
	free(unwind->waiting);
	executable_maps_free(unwind->maps);
	code_files_free(unwind->files);
	jit_maps_free(unwind->jit_maps);
	free(unwind);
	errno = error;
}

int stack_unwind_follow(struct stack_unwind *unwind, pid_t pid)
{
	if (unwind->every_task)
		return 0;
	perf_ring_close(unwind->ring);
	unwind->ring = perf_ring_open_sources(pid, &mappings, 1);
	if (!unwind->ring)
		return -1;
	executable_maps_begin(unwind->maps, pid);
	return 0;
}

void stack_unwind_seed(struct stack_unwind *unwind, pid_t pid)
{
	executable_maps_seed(unwind->maps, pid);
}

uint64_t stack_unwind_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void forget(struct process_unwinder *process)
{
	unwinder_free(process->unwinder);
	*process = (struct process_unwinder){};
}

static void apply(struct stack_unwind *unwind, const struct perf_record *record)
{
	executable_maps_take(unwind->maps, record);
	if (record->kind != PERF_NAME || !record->executed)
		return;
	for (size_t i = 0; i < UNWINDERS; i++)
		if (unwind->unwinders[i].pid == record->pid)
			forget(&unwind->unwinders[i]);
}

static int make_room(struct stack_unwind *unwind)
{
	if (unwind->first > unwind->room / 2) {
		unwind->count -= unwind->first;
		memmove(unwind->waiting, unwind->waiting + unwind->first, unwind->count * sizeof(*unwind->waiting));
		unwind->first = 0;
	}
	return room_for_one(&unwind->waiting, &unwind->room, unwind->count, sizeof(*unwind->waiting));
}

/* One that does not fit any more comes too early rather than never. */
static void take(void *context, const struct perf_record *record)
{
	struct stack_unwind *unwind = context;
	struct perf_record kept = *record;
	size_t at;

	kept.frames = NULL;
	kept.name = record->name ? strdup(record->name) : NULL;
	if (make_room(unwind)) {
		apply(unwind, record);
		perf_record_drop(&kept);
		return;
	}
	/* In order already, but for what the drain before couldn't know of. */
	for (at = unwind->count++; at > unwind->first && unwind->waiting[at - 1].time > kept.time; at--)
		unwind->waiting[at] = unwind->waiting[at - 1];
	unwind->waiting[at] = kept;
}

void stack_unwind_update(struct stack_unwind *unwind, uint64_t time_ns)
{
	if (time_ns >= unwind->drained_ns && unwind->ring) {
		unwind->drained_ns = stack_unwind_now();
		perf_ring_drain(unwind->ring, true, take, unwind);
	}
	for (; unwind->first < unwind->count && unwind->waiting[unwind->first].time <= time_ns; unwind->first++) {
		apply(unwind, &unwind->waiting[unwind->first]);
		perf_record_drop(&unwind->waiting[unwind->first]);
	}
}

/* What is known of a process at the time of a record: all that was mapped before. */
static void catch_up(struct stack_unwind *unwind, const struct stack_head *head)
{
	stack_unwind_update(unwind, head->time_ns);
	if (!executable_maps_follows(unwind->maps, head->process))
		executable_maps_seed(unwind->maps, head->process);
}

static bool look_up(void *context, uint64_t *address, struct unwinder_file *file)
{
	struct process_unwinder *process = context;
	struct code_files *files = process->owner->files;
	struct executable_range range;
	struct code_location location;

	while (executable_maps_next(process->owner->maps, process->pid, *address, &range)) {
		*address = range.end;
		if (!code_files_locate(files, process->pid, &range, range.start, &location) ||
		    !code_files_is_elf(files, location.file))
			continue;
		*file = (struct unwinder_file){
		    .start = range.start,
		    .size = range.end - range.start,
		    .descriptor = code_files_descriptor(files, location.file),
		    .name = code_files_name(files, location.file),
		    .bias = range.start - location.address,
		    .file = (const void *)(uintptr_t)location.file,
		};
		return true;
	}
	return false;
}

/* NULL: out of memory. */
static struct unwinder *unwinder_of(struct stack_unwind *unwind, uint32_t pid)
{
	struct process_unwinder *oldest = &unwind->unwinders[0];

	for (size_t i = 0; i < UNWINDERS; i++) {
		struct process_unwinder *process = &unwind->unwinders[i];

		if (process->pid == pid) {
			process->used = ++unwind->uses;
			return process->unwinder;
		}
		if (process->used < oldest->used)
			oldest = process;
	}
	forget(oldest);
	oldest->unwinder = unwinder_new(look_up, oldest);
	if (!oldest->unwinder)
		return NULL;
	oldest->pid = pid;
	oldest->owner = unwind;
	oldest->used = ++unwind->uses;
	return oldest->unwinder;
}

static size_t unwind_copy(struct stack_unwind *unwind, const struct stack_copy *copy, uint64_t *addresses, bool *whole)
{
	/* By DWARF's numbers: rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip. */
	static const int order[UNWINDER_REGISTERS] = {10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16};
	struct unwinder *unwinder = unwinder_of(unwind, copy->head.process);
	struct unwinder_thread thread = {
	    .start = copy->start,
	    .bytes = copy->bytes,
	    .pages = copy->pages,
	    .present = copy->present,
	};

	if (!unwinder)
		return 0;
	for (size_t i = 0; i < UNWINDER_REGISTERS; i++)
		thread.registers[i] = copy->registers[order[i]];
	return unwinder_frames(unwinder, &thread, addresses, STACK_FRAMES_LIMIT - STACK_KERNEL_MOST, whole);
}

/* The kernel has no word for the end of a chain of frame pointers: it ends where there is no next one. */
static size_t unwind_frames(const struct stack_frames *taken, uint64_t *addresses, bool *whole)
{
	*whole = taken->count < STACK_FRAMES_MOST;
	for (size_t i = 0; i < taken->count; i++)
		addresses[i] = taken->frame[i] - (i > 0);
	return taken->count;
}

/* False: out of memory. */
static bool add(struct stack_rows *rows, const struct raw_frame *frame, uint32_t *frames, size_t *count)
{
	frames[*count] = stack_rows_frame(rows, frame);
	return frames[(*count)++] != RAW_FRAME_NONE;
}

static bool add_kernel(const struct stack_kernel *kernel, struct stack_rows *rows, uint32_t *frames, size_t *count)
{
	for (size_t i = 0; i < kernel->count; i++)
		if (!add(rows, &(struct raw_frame){.kind = RAW_KERNEL, .location.address = kernel->frame[i] - (i > 0)},
		        frames, count))
			return false;
	return true;
}

static bool add_user(struct stack_unwind *unwind, uint32_t pid, uint64_t address, struct stack_rows *rows,
    uint32_t *frames, size_t *count)
{
	struct raw_frame frame = {.kind = RAW_FILE, .location = {CODE_FILE_NONE, address}};
	struct executable_range range;

	if (executable_maps_range(unwind->maps, pid, address, &range) &&
	    !code_files_locate(unwind->files, pid, &range, address, &frame.location))
		return false;
	if (frame.location.file == CODE_FILE_NONE) {
		frame.kind = RAW_NO_FILE;
		frame.pid = pid;
		jit_maps_meet(unwind->jit_maps, pid);
	}
	return add(rows, &frame, frames, count);
}

size_t stack_unwind_frames(struct stack_unwind *unwind, const struct stack_head *head, struct stack_rows *rows,
    uint32_t frames[STACK_FRAMES_LIMIT], bool *whole)
{
	uint64_t addresses[STACK_FRAMES_LIMIT];
	const struct stack_copy *copy = (const void *)head;
	const struct stack_frames *taken = (const void *)head;
	size_t found, count = 0;

	*whole = true;
	if (head->kind == STACK_EXEC)
		return add(rows, &(struct raw_frame){.kind = RAW_EXEC}, frames, &count) ? count : 0;
	catch_up(unwind, head);
	if (!add_kernel(head->kind == STACK_COPY ? &copy->kernel : &taken->kernel, rows, frames, &count))
		return 0;
	found = head->kind == STACK_COPY ? unwind_copy(unwind, copy, addresses, whole)
	                                 : unwind_frames(taken, addresses, whole);
	for (size_t i = 0; i < found; i++)
		if (!add_user(unwind, head->process, addresses[i], rows, frames, &count))
			return 0;
	return count;
}

struct jit_maps *stack_unwind_jit_maps(struct stack_unwind *unwind)
{
	return unwind->jit_maps;
}

size_t stack_unwind_site(struct stack_unwind *unwind, const struct stack_site *site, struct stack_rows *rows,
    uint32_t frames[SITE_FRAMES + 1])
{
	size_t count = 0;

	catch_up(unwind, &site->head);
	for (size_t i = 0; i < site->count; i++)
		if (!add_user(unwind, site->head.process, site->frame[i] - (i > 0), rows, frames, &count))
			return 0;
	return add(rows, &(struct raw_frame){.kind = RAW_CUT}, frames, &count) ? count : 0;
}

bool stack_unwind_mapped(const struct stack_unwind *unwind, size_t number, const char **path, uint64_t *inode)
{
	return executable_maps_object(unwind->maps, number, path, inode);
}

struct code_files *stack_unwind_files(struct stack_unwind *unwind)
{
	return unwind->files;
}
