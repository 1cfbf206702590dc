// SPDX-License-Identifier: MIT
/* The kernel's statistics of our programs. */
#include "trace/hook_times.h"

#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "trace/halves.h"
#include "trace/rung.h"
#include "trace/tracer.h"

/* Runs of a program that does nothing. */
#define EMPTY_RUNS 256

/*
 * What leads from a tracepoint to its program and back is in no statistics. It takes so much of the time that taking
 * the time does: then a loop of nothing but faults is reckoned to take 1.083 of its time, as was measured on a quiet
 * machine (docs/overhead.md, which has both side by side).
 */
#define WAY_OF_LOOK 1.6

static struct program_runs runs_by(int program)
{
	struct bpf_prog_info information = {};
	uint32_t size = sizeof(information);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &information, &size))
		return (struct program_runs){};
	return (struct program_runs){.ns = information.run_time_ns, .count = information.run_cnt};
}

static struct program_runs runs_of(const struct tracer *tracer, struct bpf_program *program)
{
	return runs_by(bpf_program__fd(halves_loaded(tracer->beside, program)));
}

static double mean(struct program_runs from, struct program_runs to)
{
	return to.count > from.count ? (double)(to.ns - from.ns) / (to.count - from.count) : 0;
}

static double look_at_nothing(void)
{
	const struct bpf_insn instructions[] = {
	    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0}, /* return 0 */
	    {.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "nothing", "GPL", instructions,
	    sizeof(instructions) / sizeof(*instructions), NULL);
	LIBBPF_OPTS(bpf_test_run_opts, options);
	struct program_runs runs;

	if (program < 0)
		return 0;
	for (int i = 0; i < EMPTY_RUNS; i++)
		bpf_prog_test_run_opts(program, &options);
	runs = runs_by(program);
	close(program);
	return mean((struct program_runs){}, runs);
}

static bool by_tracepoint(const struct rung *rung)
{
	return !rung || !strcmp(rung->name, "tracepoint");
}

static int keep_statistics(const struct selection *selection)
{
	if (!by_tracepoint(selection->by[SUBJECT_FAULT]) || !by_tracepoint(selection->by[SUBJECT_ZERO]))
		return -1;
	return bpf_enable_stats(BPF_STATS_RUN_TIME);
}

bool hook_times_tell(const struct selection *selection)
{
	int statistics = keep_statistics(selection);

	if (statistics >= 0)
		close(statistics);
	return statistics >= 0;
}

int hook_times_start(struct hook_times *times, struct tracer *tracer)
{
	*times = (struct hook_times){.tracer = tracer, .statistics = keep_statistics(&tracer->selection)};
	if (times->statistics < 0)
		return -1;
	times->look_ns = look_at_nothing();
	if (times->look_ns > 0)
		return 0;
	hook_times_stop(times);
	return -1;
}

void hook_times_stop(struct hook_times *times)
{
	if (times->statistics >= 0)
		close(times->statistics);
	times->statistics = -1;
}

void hook_times_begin(struct hook_times *times)
{
	struct bpf_program *program;
	size_t i = 0;

	bpf_object__for_each_program(program, times->tracer->skeleton->obj) if (i < HOOKS_MOST) times->before[i++] =
	    runs_of(times->tracer, program);
}

/* Others' runs are told apart by how many there are: what came of each event came as often. */
double hook_times_end(struct hook_times *times, uint64_t events)
{
	struct bpf_program *program;
	double sum = 0;
	size_t i = 0;

	bpf_object__for_each_program(program, times->tracer->skeleton->obj)
	{
		struct program_runs now;
		uint64_t each;

		if (i == HOOKS_MOST)
			break;
		now = runs_of(times->tracer, program);
		each = (now.count - times->before[i].count + events / 2) / events;
		if (each)
			sum += each * (mean(times->before[i], now) + (WAY_OF_LOOK - 1) * times->look_ns);
		i++;
	}
	return sum > 0 ? sum : 0;
}
