// SPDX-License-Identifier: MIT
/* Which programs are loaded, by their names, and what they are told. */
#include "trace/programs.h"

#include <string.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "trace/exact.h"
#include "trace/functions.h"
#include "machine/kernel.h"
#include "trace/kernel_btf.h"
#include "process/main_call.h"
#include "trace/object.h"
#include "trace/tracer.h"

static const enum subject counted[] = {SUBJECT_FAULT, SUBJECT_ZERO};

/* Whether a program is a rung's; then which, and what for. */
const struct rung *programs_rung(const char *program, enum subject *subject)
{
	for (size_t i = 0; i < rung_count; i++) {
		for (int j = 0; j < 2; j++) {
			*subject = counted[j];
			if (rung_has_program(&rungs[i], counted[j], program))
				return &rungs[i];
		}
	}
	return NULL;
}

/* The huge-folio clearing function has had two names, and static functions come and go: a program for one that isn't
 * there would fail to load. */
static bool hooks_absent_function(const char *program)
{
	static const struct {
		const char *part, *function;
		bool for_causes; /* which old kernels' build does not tell */
	} optional[] = {
	    {"_zero_folio", "folio_zero_user", false},
	    {"_zero_huge", "clear_huge_page", false},
	    {"_fault_wp", "do_wp_page", true},
	    {"_fault_huge_wp", "do_huge_pmd_wp_page", true},
	    {"_fault_swap", "do_swap_page", true},
	};

	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (strstr(program, optional[i].part))
			return (optional[i].for_causes && object_is_old()) ||
			       !kernel_btf_function(optional[i].function);
	return false;
}

/* Attached to events of tasks or processors, when there are any. */
static bool is_perf_event(const struct bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_PERF_EVENT;
}

/* They are attached to files with libhakmem in them. Their maps, which libbpf needs, are large. */
static void choose_sites(struct tracer *tracer)
{
	bool wanted = tracer->stacks.wanted && tracer->stacks.sites;

	bpf_program__set_autoload(tracer->skeleton->progs.site_fresh, wanted);
	bpf_program__set_autoload(tracer->skeleton->progs.site_reused, wanted);
	bpf_program__set_autoattach(tracer->skeleton->progs.site_fresh, false);
	bpf_program__set_autoattach(tracer->skeleton->progs.site_reused, false);
	bpf_map__set_autocreate(tracer->skeleton->maps.__bpf_usdt_specs, wanted);
	bpf_map__set_autocreate(tracer->skeleton->maps.__bpf_usdt_ip_to_spec_id, wanted);
}

static void choose(struct tracer *tracer)
{
	const struct rung *zero = tracer->selection.by[SUBJECT_ZERO];
	struct bpf_program *program;

	/* What the names begin or end with is said where the programs are (bpf/attach.h, lifecycle.h). */
	bpf_object__for_each_program(program, tracer->skeleton->obj)
	{
		const char *name = bpf_program__name(program);
		enum subject subject;
		const struct rung *rung = programs_rung(name, &subject);

		if (rung && (tracer->selection.by[subject] != rung || hooks_absent_function(name)))
			bpf_program__set_autoload(program, false);
		if (exact_attaches(name) || is_perf_event(program))
			bpf_program__set_autoattach(program, false);
		if (!strncmp(name, "attach_", strlen("attach_"))) {
			bpf_program__set_autoload(program, tracer->attaches);
			bpf_program__set_autoattach(program, false);
		}
		if (!strncmp(name, "arrival_", strlen("arrival_")))
			bpf_program__set_autoload(program, tracer->attaches);
		if (strstr(name, "_again") && !kernel_is_from(TRACEPOINTS_PREEMPTED))
			bpf_program__set_autoload(program, false);
	}
	/* They are run, and this one is attached to functions. */
	bpf_program__set_autoattach(tracer->skeleton->progs.last_look, false);
	bpf_program__set_autoattach(tracer->skeleton->progs.ask, false);
	bpf_program__set_autoattach(tracer->skeleton->progs.tell_traced, false);
	bpf_program__set_autoattach(tracer->skeleton->progs.view_note, false);
	bpf_program__set_autoattach(tracer->skeleton->progs.function_mark, false);
	bpf_program__set_autoload(tracer->skeleton->progs.function_mark, functions_wanted());
	choose_sites(tracer);
	tracer->huge_hooked = zero && zero->hooks_huge_folios &&
	                      (kernel_btf_function("folio_zero_user") || kernel_btf_function("clear_huge_page"));
}

static bool by_tracepoint(const struct tracer *tracer, enum subject subject)
{
	const struct rung *rung = tracer->selection.by[subject];

	return rung && !strcmp(rung->name, "tracepoint");
}

/* What the hooks in use tell of why a fault came. */
static void set_cause_facts(struct tracer *tracer)
{
	const struct rung *fault = tracer->selection.by[SUBJECT_FAULT];
	bool full = fault && !strcmp(fault->name, "full");

	tracer->skeleton->rodata_settings->swap_in_use = kernel_swaps();
	tracer->skeleton->rodata_settings->swap_hooked = full && kernel_btf_function("do_swap_page");
	tracer->skeleton->rodata_settings->presence_hooked = full;
	tracer->skeleton->rodata_settings->presence_known =
	    full ? kernel_btf_function("do_wp_page") : by_tracepoint(tracer, SUBJECT_FAULT);
}

void programs_choose(struct tracer *tracer)
{
	choose(tracer);
	tracer->skeleton->rodata_settings->init_on_alloc = tracer->init_on_alloc == 1;
	tracer->skeleton->rodata_settings->huge_hooked = tracer->huge_hooked;
	tracer->skeleton->rodata_settings->allocations_hooked = tracer->selection.by[SUBJECT_ZERO] != NULL;
	tracer->skeleton->rodata_settings->selecting = tracer->attaches;
	tracer->skeleton->rodata_settings->hooks_miss = tracer->events_always || tracer->attaches;
	tracer->skeleton->rodata_settings->samples_wanted = tracer->samples;
	tracer->skeleton->rodata_settings->told_twice = kernel_is_from(TRACEPOINTS_PREEMPTED);
	tracer->skeleton->rodata_settings->sweeps =
	    by_tracepoint(tracer, SUBJECT_FAULT) && by_tracepoint(tracer, SUBJECT_ZERO) &&
	    !tracer->skeleton->rodata_settings->hooks_miss && !tracer->skeleton->rodata_settings->told_twice;
	set_cause_facts(tracer);
	tracer->skeleton->rodata_settings->main_depth = main_call_known().depth;
	tracer->skeleton->rodata_settings->main_return = main_call_known().offset;
}
