// SPDX-License-Identifier: MIT
#include "command/prepare.h"

#include "command/complain.h"
#include "trace/asides.h"
#include "trace/calibrate.h"

int prepare_tracer(struct tracer *tracer, const struct options *options)
{
	struct price price;
	char error[LADDER_ERROR];

	price_measure_untraced(&price);
	tracer->samples = options->max_overhead > 0;
	tracer->stacks = options->stacks.wish;
	if (calibrate_start_best(tracer, &options->demand, options->verbose, error)) {
		complain("can't trace here: %s; hakmem-trace doctor says more", error);
		return -1;
	}
	if (tracer->perf && (options_attach(options) || options->only_itself || options->interval_ns ||
	                        options->duration_ns || options->mark_functions || options->stacks.wish.wanted)) {
		complain(
		    "the rung perf, all that works here, traces a command from its start to its end and nothing else");
		tracer_close(tracer);
		return -1;
	}
	tracer->price = price;
	price_measure_traced(tracer);
	tracer_reset(tracer);
	asides_reset(tracer);
	tracer_take_stacks(tracer);
	return 0;
}
