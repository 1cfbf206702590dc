// SPDX-License-Identifier: MIT
/* Runs bpf/attach.h's programs in their order, and hands what they tell to seed.c. */
#include "trace/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"
#include "process/memory.h"
#include "trace/object.h"
#include "trace/recognise.h"
#include "trace/records.h"
#include "trace/seed.h"

#define MOST_PASSES 64

/* Until a pass finds no new task: one may have been forked behind an iterator's back. */
static int mark(struct attach *attach)
{
	struct trace *skeleton = attach->tracer->skeleton;
	struct records nothing;
	uint64_t before;
	int passes = 0;

	do {
		before = skeleton->bss->attach_marked;
		skeleton->bss->attach_failed = 0;
		if (records_read(&nothing, skeleton->progs.attach_mark, 0))
			return -1;
		free(nothing.bytes);
	} while ((skeleton->bss->attach_marked != before || skeleton->bss->attach_failed) && ++passes < MOST_PASSES);
	attach->tasks = skeleton->bss->attach_marked;
	return 0;
}

static int by_space(const void *left, const void *right)
{
	const struct attach_mapping *a = left, *b = right;

	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

static int by_thread_space(const void *left, const void *right)
{
	const struct attach_thread *a = left, *b = right;

	return a->space < b->space ? -1 : a->space > b->space;
}

/* The kernel lists a process again for a thread that shares no descriptors with it. */
static size_t without_repeats(struct attach_mapping *mappings, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || by_space(&mappings[kept - 1], &mappings[i]))
			mappings[kept++] = mappings[i];
	return kept;
}

static int seed_space(struct attach *attach, const struct seed_view *view)
{
	struct trace *skeleton = attach->tracer->skeleton;
	uint64_t space = view->mappings[0].space;
	struct seed seed;
	int result = seed_make(&seed, view);

	for (size_t i = 0; !result && i < seed.count; i++) {
		uint64_t arguments[4] = {space, seed.ranges[i].start, seed.ranges[i].end, seed.ranges[i].owner};

		result = tracer_call(skeleton->progs.attach_seed, arguments, 4);
	}
	if (!result)
		result = tracer_call(skeleton->progs.attach_seeded, (uint64_t[]){space, seed.map}, 2);
	seed_free(&seed);
	return result;
}

static int seed_spaces(struct attach *attach, struct records *mapping_records, struct records *thread_records)
{
	struct attach_mapping *mappings = (struct attach_mapping *)mapping_records->bytes;
	struct attach_thread *threads = (struct attach_thread *)thread_records->bytes;
	size_t mapping_count = mapping_records->size / sizeof(*mappings), first, last;
	size_t thread_count = thread_records->size / sizeof(*threads), thread = 0, threads_end;
	int result = 0;

	qsort(mappings, mapping_count, sizeof(*mappings), by_space);
	qsort(threads, thread_count, sizeof(*threads), by_thread_space);
	mapping_count = without_repeats(mappings, mapping_count);
	for (first = 0; !result && first < mapping_count; first = last) {
		struct memory memory;

		for (last = first; last < mapping_count && mappings[last].space == mappings[first].space; last++)
			;
		while (thread < thread_count && threads[thread].space < mappings[first].space)
			thread++;
		for (threads_end = thread;
		     threads_end < thread_count && threads[threads_end].space == mappings[first].space; threads_end++)
			;
		if (memory_open(&memory, mappings[first].process) && errno != ENOENT && errno != ESRCH)
			attach->unreadable++;
		result = seed_space(attach, &(struct seed_view){
		                                .mappings = mappings + first,
		                                .mapping_count = last - first,
		                                .threads = threads + thread,
		                                .thread_count = threads_end - thread,
		                                .read = memory_read,
		                                .context = &memory,
		                            });
		memory_close(&memory);
	}
	return result;
}

/* What is marked is followed and seeded. process: whose mappings to look at, 0: all processes'. */
static int settle_in(struct attach *attach, pid_t process)
{
	struct records threads = {}, mappings = {};
	int result = 0;

	for (int pass = 0; !result && pass < MOST_PASSES; pass++) {
		result = mark(attach) || records_read(&threads, attach->tracer->skeleton->progs.attach_threads, 0);
		if (!result && !threads.size)
			break; /* nothing is unseeded */
		if (!result)
			/* What has been forked meanwhile is another process. */
			result = records_read(
			    &mappings, attach->tracer->skeleton->progs.attach_mappings, pass ? 0 : process);
		recognise_files(attach->tracer); /* allocators by what they export */
		if (!result)
			result = seed_spaces(attach, &mappings, &threads);
		free(threads.bytes);
		free(mappings.bytes);
		threads = mappings = (struct records){};
	}
	return result;
}

static void forget_spaces(struct attach *attach)
{
	int map = bpf_map__fd(attach->tracer->skeleton->maps.attached_spaces);
	uint64_t key;

	while (!bpf_map_get_next_key(map, NULL, &key) && !bpf_map_delete_elem(map, &key))
		;
}

static int select_tasks(struct tracer *tracer, const struct attach_request *request)
{
	struct trace *skeleton = tracer->skeleton;

	for (size_t i = 0; i < request->process_count; i++) {
		uint32_t key = request->processes[i], value = 1;

		if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.selected_pids), &key, &value, BPF_ANY))
			return -1;
	}
	tracer_follow_children(tracer, !request->only_itself);
	for (size_t i = 0; i < request->name_count; i++)
		strncpy(skeleton->bss->select_name[i], request->names[i], sizeof(skeleton->bss->select_name[i]) - 1);
	for (size_t i = 0; i < request->cgroup_count; i++)
		skeleton->bss->select_cgroup[i] = request->cgroups[i];
	skeleton->bss->select_name_count = request->name_count;
	skeleton->bss->select_cgroup_count = request->cgroup_count;
	skeleton->bss->select_all = request->all;
	return 0;
}

static int failed(char error[TRACER_ERROR])
{
	snprintf(error, TRACER_ERROR, "%s%s", strerror(errno),
	    errno == EPERM || errno == EACCES ? " (needs CAP_BPF and CAP_PERFMON)" : "");
	return -1;
}

int attach_start(
    struct attach *attach, struct tracer *tracer, const struct attach_request *request, char error[TRACER_ERROR])
{
	bool only_one = request->process_count == 1 && !request->name_count && !request->cgroup_count && !request->all;

	*attach = (struct attach){.tracer = tracer};
	if (object_is_old()) {
		snprintf(error, TRACER_ERROR, "that needs Linux 5.17 or later");
		return -1;
	}
	if (select_tasks(tracer, request))
		return failed(error);
	if (tracer->events_always && fault_events_on_processors(&tracer->task_events,
	                                 tracer->skeleton->progs.fault_event, FAULT_EVENTS_EVERYWHERE, error))
		return -1;
	if (settle_in(attach, only_one ? request->processes[0] : 0))
		return failed(error);
	forget_spaces(attach);
	return 0;
}

int attach_again(struct attach *attach, char error[TRACER_ERROR])
{
	uint64_t arrivals = attach->tracer->skeleton->bss->attach_arrivals;

	if (arrivals == attach->arrivals)
		return 0;
	attach->arrivals = arrivals;
	if (settle_in(attach, 0))
		return failed(error);
	forget_spaces(attach);
	return 0;
}

bool attach_found_any(const struct attach *attach)
{
	uint32_t process;

	/* Marked, or counted since it was started. */
	return attach->tracer->skeleton->bss->attach_marked ||
	       !bpf_map_get_next_key(bpf_map__fd(attach->tracer->skeleton->maps.processes), NULL, &process);
}
