// SPDX-License-Identifier: MIT
/* Loading, attaching, arming, stopping. */
#include "trace/tracer.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"
#include "trace/breakpoints.h"
#include "trace/exact.h"
#include "trace/halves.h"
#include "machine/kernel.h"
#include "trace/object.h"
#include "trace/perf_only.h"
#include "machine/refusal.h"
#include "trace/programs.h"
#include "trace/sizes.h"
#include "trace/strata.h"
#include "stack/stack_names.h"

static bool log_wanted;

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[256];
	va_list copy;

	va_copy(copy, arguments);
	vsnprintf(line, sizeof(line), format, copy);
	va_end(copy);
	if (level == LIBBPF_WARN)
		halves_note(line);
	if (!log_wanted || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, arguments);
}

/* The rows that take over when no other is free (bpf/account.h). */
static int make_last_rows(struct tracer *tracer)
{
	static const enum owner_kind kinds[] = {OWNER_FILE_PRIVATE, OWNER_FILE, OWNER_SHARED, OWNER_ANON,
	    OWNER_IMAGE_TEXT, OWNER_IMAGE_READONLY, OWNER_IMAGE_DATA, OWNER_IMAGE_BSS, OWNER_ALLOCATOR_CLASS,
	    OWNER_UNSEEN};
	int cpus = libbpf_num_possible_cpus(), result = 0;
	struct account *zero = calloc(cpus > 0 ? cpus : 1, sizeof(*zero));

	if (!zero)
		return -1;
	for (size_t i = 0; !result && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct account_key key = {.owner = OWNER(kinds[i], 0)};

		result = bpf_map_update_elem(bpf_map__fd(tracer->skeleton->maps.accounts), &key, zero, BPF_ANY);
	}
	free(zero);
	return result;
}

/* Whose failure it is: the rung's that the program belongs to; the programs that all share are nobody's. */
static int fail(struct failure *failure, const char *program, const char *step, int error)
{
	char what[128];

	failure->rung = programs_rung(program, &failure->subject);
	snprintf(what, sizeof(what), "%s %s", step, program[0] ? program : "what all BPF rungs share");
	return refusal_say(failure->text, what, error);
}

static int attach_program(struct tracer *tracer, struct bpf_program *program)
{
	if (links_add(&tracer->links, bpf_program__attach(program))) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_TRACEPOINT)
			return -1;
		/* Events take tracefs, which not every container has, and which is root's. One can do without. */
		tracer->events_missed = true;
		return 0;
	}
	if (program != tracer->skeleton->progs.tracepoint_fault_begin)
		return 0;
	/* One program for two tracepoints has only the first in its section's name. */
	return links_add(&tracer->links, bpf_program__attach_raw_tracepoint(program, "page_fault_kernel"));
}

static int attach_programs(struct tracer *tracer, struct failure *failure)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, tracer->skeleton->obj)
	{
		struct bpf_program *loaded = halves_loaded(tracer->beside, program);

		if (!bpf_program__autoload(loaded) || !bpf_program__autoattach(loaded))
			continue;
		if (attach_program(tracer, loaded))
			return fail(failure, bpf_program__name(program), "attaching", errno);
	}
	return 0;
}

static int attach_all(struct tracer *tracer, struct failure *failure)
{
	const struct rung *zero = tracer->selection.by[SUBJECT_ZERO];

	if (attach_programs(tracer, failure))
		return -1;
	if (zero && !strcmp(zero->name, "exact") && exact_attach(tracer, failure->text)) {
		failure->rung = zero;
		failure->subject = SUBJECT_ZERO;
		return -1;
	}
	return 0;
}

int tracer_call(const struct bpf_program *program, uint64_t *arguments, size_t count)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments, .ctx_size_in = count * sizeof(*arguments));

	return bpf_prog_test_run_opts(bpf_program__fd(program), &options);
}

int tracer_iterate(const struct bpf_program *program, pid_t process)
{
	union bpf_iter_link_info information = {.task.pid = process};
	LIBBPF_OPTS(bpf_iter_attach_opts, options);
	struct bpf_link *link;
	int descriptor;

	if (process) {
		options.link_info = &information;
		options.link_info_len = sizeof(information);
	}
	link = bpf_program__attach_iter(program, &options);
	if (!link)
		return -1;
	descriptor = bpf_iter_create(bpf_link__fd(link));
	bpf_link__destroy(link); /* the descriptor keeps what it needs */
	return descriptor;
}

static int open_collector(struct tracer *tracer)
{
	if (!tracer->stacks.wanted)
		return 0;
	tracer->collector = stack_collector_new(tracer->skeleton, &tracer->stacks, tracer->attaches);
	if (tracer->collector)
		tracer->names = stack_names_new(
		    stack_collector_files(tracer->collector), stack_collector_jit_maps(tracer->collector));
	if (tracer->names && tracer->stacks.kernel)
		stack_names_read_kernel(tracer->names);
	return tracer->names ? 0 : -1;
}

static int load_and_attach(struct tracer *tracer, struct failure *failure)
{
	char refused[HALVES_NAME];
	struct sizes sizes;
	int result;

	tracer->skeleton = object_open();
	if (!tracer->skeleton)
		return refusal_say(failure->text, "opening the BPF object", errno);
	programs_choose(tracer);
	if (totals_size(tracer->skeleton))
		return refusal_say(failure->text, "counting the processors", errno);
	sizes_choose(&sizes, tracer->mappings);
	if (sizes_apply(&sizes, tracer->skeleton) || stack_collector_prepare(tracer->skeleton, &tracer->stacks))
		return refusal_say(failure->text, "sizing the BPF maps", errno);
	result = halves_load(tracer->skeleton, &tracer->beside, refused);
	if (result)
		return fail(failure, refused, "loading", -result);
	if (totals_map(&tracer->totals, tracer->skeleton) || make_last_rows(tracer))
		return refusal_say(failure->text, "preparing the counts", errno);
	if (open_collector(tracer))
		return refusal_say(failure->text, "preparing to take stacks", errno);
	if (tracer_call(tracer->skeleton->progs.view_note, NULL, 0))
		return refusal_say(failure->text, "running a BPF program", errno);
	return attach_all(tracer, failure);
}

int tracer_start(struct tracer *tracer, const struct selection *selection, bool verbose, struct failure *failure)
{
	int result;

	log_wanted = verbose;
	libbpf_set_print(log_libbpf);
	*tracer = (struct tracer){.selection = *selection,
	    .init_on_alloc = kernel_init_on_alloc(),
	    .attaches = tracer->attaches,
	    .samples = tracer->samples,
	    .stacks = tracer->stacks,
	    .mappings = tracer->mappings,
	    .priced = tracer->priced,
	    .price = tracer->price};
	*failure = (struct failure){.rung = NULL};
	if (selection->by[SUBJECT_FAULT]->without_bpf) {
		tracer->perf = perf_only_new();
		return tracer->perf ? 0 : refusal_say(failure->text, "starting", ENOMEM);
	}
	if (tracer->priced)
		price_measure_untraced(&tracer->price, selection);
	tracer->events_always = kernel_is_from(selection->by[SUBJECT_FAULT]->skipped_from);
	result = load_and_attach(tracer, failure);
	if (result)
		tracer_close(tracer);
	return result;
}

/* An iterator does its work while it is read. */
static int iterate(const struct bpf_program *program)
{
	char nothing[64];
	int descriptor = tracer_iterate(program, 0);

	if (descriptor < 0)
		return -1;
	while (read(descriptor, nothing, sizeof(nothing)) > 0)
		;
	close(descriptor);
	return 0;
}

/* What a process is to us (enum task_phase), once it is armed if that is wanted (bpf/ask.h). */
static __u32 ask(struct tracer *tracer, pid_t pid, bool arm)
{
	tracer->skeleton->bss->asked_task = pid;
	tracer->skeleton->bss->asked_to_arm = arm;
	tracer->skeleton->bss->asked_phase = TASK_UNTRACED;
	errno = ENOSPC; /* what it means when the program itself has no other answer */
	return iterate(tracer->skeleton->progs.ask) ? TASK_UNTRACED : tracer->skeleton->bss->asked_phase;
}

int tracer_arm(struct tracer *tracer, pid_t pid, char error[TRACER_ERROR])
{
	if (tracer->perf)
		return perf_only_arm(tracer->perf, pid, error);
	if (ask(tracer, pid, true) != TASK_ARMED) {
		snprintf(error, TRACER_ERROR, "can't mark process %d: %s", pid, strerror(errno));
		return -1;
	}
	if (tracer->takes_stacks && stack_collector_arm(tracer->collector, pid)) {
		snprintf(error, TRACER_ERROR, "can't watch what it maps, to take stacks: %s", strerror(errno));
		return -1;
	}
	if (tracer->selection.by[SUBJECT_ZERO] == rung_find("breakpoint") && breakpoints_arm(tracer, pid, error))
		return -1;
	if (!tracer->events_always)
		return 0;
	return fault_events_on_task(&tracer->task_events, tracer->skeleton->progs.fault_event, pid, error);
}

uint64_t tracer_stack_cost(const struct tracer *tracer)
{
	return tracer->collector ? stack_collector_cost(tracer->collector) : 0;
}

void tracer_take_stacks(struct tracer *tracer)
{
	if (!tracer->collector)
		return;
	stack_collector_begin(tracer->collector);
	tracer->takes_stacks = true;
}

void tracer_follow_children(struct tracer *tracer, bool follow)
{
	if (tracer->skeleton)
		tracer->skeleton->bss->select_only_itself = !follow;
}

uint32_t tracer_follows(struct tracer *tracer, pid_t pid)
{
	/* perf only: and libhakmem gets no costs */
	if (tracer->perf || ask(tracer, pid, false) != TASK_TRACED)
		return 0;
	return tracer->skeleton->bss->asked_process;
}

/* A grace period: every program that was at work on another processor is done. */
static void wait_for_programs(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* Sweeps look at nothing else (bpf/sweep.h). */
static void end_sweeps(struct tracer *tracer)
{
	__atomic_fetch_add(&tracer->skeleton->bss->table_generation, 1, __ATOMIC_SEQ_CST);
}

static int look_at_the_living(struct tracer *tracer)
{
	wait_for_programs(); /* that had not seen `stopping` */
	return iterate(tracer->skeleton->progs.last_look);
}

bool tracer_times_populated(const struct tracer *tracer)
{
	const struct rung *rung = tracer->selection.by[SUBJECT_FAULT_TIME];

	return rung && rung->sees_populated;
}

int tracer_time(struct tracer *tracer, bool on, size_t processors)
{
	char error[TRACER_ERROR];

	if (tracer->perf)
		return -1;
	tracer->skeleton->data->timing = on;
	end_sweeps(tracer);
	if (!on)
		fault_events_close(&tracer->processor_events);
	else if (!tracer->events_always && !tracer->processor_events.count)
		return fault_events_on_processors(
		    &tracer->processor_events, tracer->skeleton->progs.fault_event, processors, error);
	return 0;
}

static void close_fault_events(struct tracer *tracer)
{
	fault_events_close(&tracer->task_events);
	fault_events_close(&tracer->processor_events);
}

int tracer_totals(struct tracer *tracer, struct totals *sum)
{
	if (tracer->perf) {
		errno = ENOTSUP;
		return -1;
	}
	totals_sum(&tracer->totals, sum);
	return 0;
}

void tracer_stop(struct tracer *tracer)
{
	if (tracer->perf) {
		perf_only_stop(tracer->perf);
		return;
	}
	tracer->skeleton->bss->stopping = 1;
	end_sweeps(tracer);
	if (tracer->collector)
		stack_collector_stop(tracer->collector);
	if (look_at_the_living(tracer))
		tracer->looks_failed++;
	close_fault_events(tracer);
	links_close(&tracer->links);
	wait_for_programs(); /* those of tasks that ended meanwhile */
}

int tracer_descriptor(const struct tracer *tracer)
{
	if (tracer->collector)
		return stack_collector_descriptor(tracer->collector);
	return tracer->perf ? perf_only_descriptor(tracer->perf) : -1;
}

void tracer_drain(struct tracer *tracer)
{
	struct totals totals;

	if (tracer->perf)
		perf_only_drain(tracer->perf);
	if (!tracer->collector)
		return;
	totals_sum(&tracer->totals, &totals);
	stack_collector_drain(tracer->collector, totals.minor + totals.major, totals.runtime_ns);
}

static void map_clear(struct bpf_map *map)
{
	int descriptor = bpf_map__fd(map);
	char key[64];

	while (!bpf_map_get_next_key(descriptor, NULL, key))
		if (bpf_map_delete_elem(descriptor, key))
			break;
}

void tracer_reset(struct tracer *tracer)
{
	if (tracer->perf)
		return; /* arming does */
	close_fault_events(tracer);
	map_clear(tracer->skeleton->maps.accounts);
	map_clear(tracer->skeleton->maps.processes);
	memset(tracer->skeleton->bss->kind_rows, 0, sizeof(tracer->skeleton->bss->kind_rows));
	make_last_rows(tracer);
	memset(tracer->skeleton->bss->objects_hugetlb, 0, sizeof(tracer->skeleton->bss->objects_hugetlb));
	tracer->skeleton->bss->calibrating = 0;
	tracer->skeleton->bss->mains_awaited = 0;
	tracer->skeleton->bss->mains_begun = 0;
	totals_clear(&tracer->totals);
	strata_free(tracer->strata);
	tracer->strata = NULL;
	skips_begin(tracer);
}

void tracer_close(struct tracer *tracer)
{
	perf_only_free(tracer->perf);
	tracer->perf = NULL;
	if (!tracer->skeleton)
		return;
	strata_free(tracer->strata);
	tracer->strata = NULL;
	stack_names_free(tracer->names);
	cgroup_names_free(&tracer->cgroups);
	stack_collector_free(tracer->collector);
	tracer->names = NULL;
	tracer->collector = NULL;
	close_fault_events(tracer);
	links_close(&tracer->links);
	totals_unmap(&tracer->totals);
	trace__destroy(tracer->beside);
	trace__destroy(tracer->skeleton);
	tracer->beside = NULL;
	tracer->skeleton = NULL;
}
