/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-trace misses, parsed, and its two ways to run a command. */
#ifndef COMMAND_MISSES_H
#define COMMAND_MISSES_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/cache_model.h"
#include "analysis/tlb_model.h"
#include "output/misses_output.h"
#include "misses/miss_events.h"
#include "misses/page_sizes.h"
#include "process/target.h"

struct misses_options {
	const struct misses_output *output;
	const char *output_path; /* NULL: stderr */
	const char *preload;     /* as given */
	bool as_root;
	struct {
		const struct miss_event_kind *kind;
		uint64_t period; /* 0: the usual one */
	} events[MISS_EVENTS_MOST];
	int event_count; /* 0: the usual ones */
	bool modelled;
	struct tlb_shape tlb;
	bool with_cache;
	struct cache_shape cache;
	struct page_sizes_rule huge;
	uint64_t most_accesses;
	char *const *command;
};

/* Returns -1 when the run shall go on, else the status to exit with at once. */
int misses_options_parse(int count, char **arguments, struct misses_options *options);

/*
 * Run the command under the hardware's sampling, or through the model, and fill in `misses`. -1: the command has run,
 * and `target` has its end; else the status to exit with, after complaining. preload: a path, or NULL.
 */
int misses_sample(
    const struct misses_options *options, const char *preload, struct target *target, struct misses *misses);
int misses_model(
    const struct misses_options *options, const char *preload, struct target *target, struct misses *misses);

/* What the wait for the command's end has in common. */
void misses_describe_end(struct misses *misses, const struct target *target);

#endif
