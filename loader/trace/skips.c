// SPDX-License-Identifier: MIT
/* bpf_prog_info.recursion_misses, which kernels have from 5.12 on, and of kprobes' programs from 6.7. */
#include "trace/skips.h"

#include <stddef.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "snapshot/snapshot.h"
#include "trace.skel.h"
#include "machine/kernel.h"
#include "trace/tracer.h"

#define KPROBES_COUNTED KERNEL(6, 7)

/* A rung's programs that tell of allocations and clearings: either of two is enough; or there is but one. */
static const struct pair {
	const char *rung, *first, *second;
} pairs[] = {
    {"full", "full_zero_alloc_begin", "full_zero_alloc_end"},
    {"full", "full_zero_folio_begin", "full_zero_folio_end"},
    {"full", "full_zero_huge_begin", "full_zero_huge_end"},
    {"kprobe", "kprobe_zero_alloc_begin", NULL}, /* its end takes what was asked for from it */
    {"kprobe", "kprobe_zero_folio_begin", NULL},
    {"kprobe", "kprobe_zero_huge_begin", NULL},
    {"tracepoint", "tracepoint_zero_alloc", "tracepoint_zero_alloc_again"},
    {"exact", "exact_zero_gfp", NULL}, /* without it an interrupt's allocation is taken for what comes next */
    {"exact", "exact_zero_alloc_page", NULL},
    {"exact", "exact_zero_alloc_range", NULL},
    {"exact", "exact_zero_alloc_call", NULL},
    {"exact", "exact_zero_page", NULL},
    {"exact", "exact_zero_range", NULL},
    {"exact", "exact_zero_folio_begin", NULL},
    {"exact", "exact_zero_huge_begin", NULL},
};

#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))
_Static_assert(PAIRS <= SKIPS_MOST, "SKIPS_MOST is too few");

/* How often a program that is loaded was skipped: 0, or -1 where the kernel doesn't say. */
static int read_skips(const struct bpf_program *program, uint64_t *skips)
{
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &information, &size) ||
	    size < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(information.recursion_misses))
		return -1;
	if (bpf_program__type(program) == BPF_PROG_TYPE_KPROBE && !kernel_is_from(KPROBES_COUNTED))
		return -1;
	*skips = information.recursion_misses;
	return 0;
}

/* 0, which is right of what isn't loaded: nothing is lost by it. -1: not known. */
static int read_named(const struct tracer *tracer, const char *name, uint64_t *skips)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(tracer->skeleton->obj, name);

	*skips = 0;
	return program && bpf_program__fd(program) >= 0 ? read_skips(program, skips) : 0;
}

static bool is_loaded(const struct tracer *tracer, const char *name)
{
	const struct bpf_program *program = name ? bpf_object__find_program_by_name(tracer->skeleton->obj, name) : NULL;

	return program && bpf_program__fd(program) >= 0;
}

static bool is_told_of(const struct tracer *tracer)
{
	const struct rung *zero = tracer->selection.by[SUBJECT_ZERO];

	/* Programs of events, which breakpoints are, are not counted. */
	return !tracer->perf && zero && strcmp(zero->name, "breakpoint") != 0;
}

static int read_all(const struct tracer *tracer, struct skips *skips)
{
	*skips = (struct skips){};
	for (size_t i = 0; i < PAIRS; i++)
		if (read_named(tracer, pairs[i].first, &skips->first[i]) ||
		    (pairs[i].second && read_named(tracer, pairs[i].second, &skips->second[i])))
			return -1;
	return 0;
}

void skips_begin(struct tracer *tracer)
{
	if (!is_told_of(tracer) || read_all(tracer, &tracer->skips))
		tracer->skips = (struct skips){};
}

uint64_t skips_most(const struct tracer *tracer)
{
	struct skips now;
	uint64_t most = 0;

	if (!is_told_of(tracer) || read_all(tracer, &now))
		return UNKNOWN;
	for (size_t i = 0; i < PAIRS; i++) {
		uint64_t first = now.first[i] - tracer->skips.first[i];
		uint64_t second = now.second[i] - tracer->skips.second[i];

		if (strcmp(pairs[i].rung, tracer->selection.by[SUBJECT_ZERO]->name) != 0)
			continue;
		most += is_loaded(tracer, pairs[i].second) && second < first ? second : first;
	}
	return most;
}
