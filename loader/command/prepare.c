// SPDX-License-Identifier: MIT
#include "command/prepare.h"

#include <limits.h>
#include <stdio.h>

#include "command/complain.h"
#include "command/naming.h"
#include "command/preload.h"
#include "trace/asides.h"
#include "trace/calibrate.h"
#include "trace/object.h"

static void choose_stacks(struct tracer *tracer, const struct options *options)
{
	char path[PATH_MAX] = "";
	bool known = false;

	tracer->stacks = options->stacks.wish;
	tracer->stacks.progress = naming_progress;
	if (!tracer->stacks.wanted)
		return;
	if (options->command) {
		known = command_file(options->command[0], path);
	} else if (options->wanted.pid_count) {
		snprintf(path, sizeof(path), "/proc/%d/exe", options->wanted.pids[0]);
		known = true;
	}
	tracer->stacks.unwinding = stack_options_unwinding(&options->stacks, known ? path : NULL);
}

int prepare_tracer(struct tracer *tracer, const struct options *options)
{
	char error[LADDER_ERROR];

	if (options->stacks.wish.kernel && object_is_old()) {
		complain("--kernel-stacks needs Linux 5.17 or later; without it there are the program's frames");
		return -1;
	}
	tracer->priced = true;
	tracer->samples = options->max_overhead > 0;
	choose_stacks(tracer, options);
	if (calibrate_start_best(tracer, &options->demand, options->verbose, error)) {
		complain("can't trace here: %s; hakmem-trace doctor says more", error);
		return -1;
	}
	if (error[0])
		complain("only faults are counted, by perf's events: %s; hakmem-trace doctor says more", error);
	/* A recording then has one slice. */
	if (tracer->perf &&
	    (options_attach(options) || options->only_itself || (options->interval_ns && !options->recording.wanted) ||
	        options->duration_ns || options->mark_functions || options->stacks.wish.wanted)) {
		complain(
		    "the rung perf, all that works here, traces a command from its start to its end and nothing else");
		tracer_close(tracer);
		return -1;
	}
	price_measure_traced(tracer);
	tracer_reset(tracer);
	asides_reset(tracer);
	tracer_take_stacks(tracer);
	return 0;
}
