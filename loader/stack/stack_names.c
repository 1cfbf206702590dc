// SPDX-License-Identifier: MIT
/* A cache in front of code files, kernel symbols and what processes say of code they make. See stack_names.h. */
#include "stack/stack_names.h"

#include <stdlib.h>
#include <string.h>

#include "machine/kernel_symbols.h"

#define INLINED_MOST 32

struct named {
	bool known, may_change;
	size_t count;
	struct frame *frames;
};

struct stack_names {
	struct code_files *files;
	struct jit_maps *jit_maps;
	struct named *named; /* by raw frame */
	size_t room;
	bool kernel_read;
	struct kernel_symbols kernel;
};

struct stack_names *stack_names_new(struct code_files *files, struct jit_maps *jit_maps)
{
	struct stack_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->files = files;
	names->jit_maps = jit_maps;
	return names;
}

void stack_names_free(struct stack_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->room; i++)
		free(names->named[i].frames);
	free(names->named);
	kernel_symbols_free(&names->kernel);
	free(names);
}

static int make_room(struct stack_names *names, uint32_t raw)
{
	size_t larger = names->room ? names->room : 256;
	struct named *more;

	while (larger <= raw)
		larger *= 2;
	if (larger == names->room)
		return 0;
	more = reallocarray(names->named, larger, sizeof(*more));
	if (!more)
		return -1;
	memset(more + names->room, 0, (larger - names->room) * sizeof(*more));
	names->named = more;
	names->room = larger;
	return 0;
}

/* 0, or -1 when out of memory. */
static int set(struct named *named, const struct frame *frames, size_t count)
{
	named->frames = malloc((count + 1) * sizeof(*frames));
	if (!named->frames)
		return -1;
	memcpy(named->frames, frames, count * sizeof(*frames));
	named->count = count;
	named->known = true;
	return 0;
}

/* What the kernel's stack begins with is how we have come to look at it. */
static bool is_ours(const char *function)
{
	static const char *const beginnings[] = {"bpf_", "__bpf_", "__traceiter_", "trace_call_bpf", "kprobe_",
	    "kretprobe_", "aggr_pre_handler", "aggr_post_handler", "arch_rethook_trampoline", "rethook_", "ftrace_",
	    "perf_trace_", "perf_swevent_", "perf_tp_event", "perf_event_overflow", "__perf_event_overflow",
	    "___perf_sw_event", "__perf_sw_event", "perf_prepare_sample", "perf_callchain"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (!strncmp(function, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

void stack_names_read_kernel(struct stack_names *names)
{
	if (!names->kernel_read)
		kernel_symbols_read_all(&names->kernel);
	names->kernel_read = true;
}

static int name_kernel(struct stack_names *names, uint64_t address, struct named *named)
{
	struct frame frame = {.function = "", .object = "[kernel]", .source = "", .kernel = true, .address = address};
	const struct kernel_symbol *symbol;

	stack_names_read_kernel(names);
	symbol = kernel_symbol_at(&names->kernel, address);
	if (symbol)
		frame.function = symbol->name;
	return set(named, &frame, !is_ours(frame.function));
}

static int name_file(struct stack_names *names, const struct raw_frame *raw, struct named *named)
{
	struct code_file *symbols = code_files_symbols(names->files, raw->location.file);
	const char *object = code_files_name(names->files, raw->location.file);
	struct code_place places[INLINED_MOST];
	struct frame frames[INLINED_MOST];
	size_t count = symbols ? code_file_places(symbols, raw->location.address, false, places, INLINED_MOST) : 0;

	for (size_t i = 0; i < count; i++)
		frames[i] = (struct frame){
		    .function = places[i].function,
		    .object = object,
		    .source = places[i].source,
		    .line = places[i].line,
		    .inlined = places[i].inlined,
		    .address = raw->location.address,
		};
	if (!count)
		frames[count++] =
		    (struct frame){.function = "", .object = object, .source = "", .address = raw->location.address};
	return set(named, frames, count);
}

/* Its name may come later, as code is compiled while the program runs. */
static int name_generated(struct stack_names *names, const struct raw_frame *raw, struct named *named)
{
	const char *function = jit_maps_function(names->jit_maps, raw->pid, raw->location.address);
	struct frame frame = {
	    .function = function ? function : "",
	    .object = function ? "[jit]" : "",
	    .source = "",
	    .address = raw->location.address,
	};

	free(named->frames);
	/* A stack may end in a return address of 0, which is no place: stacks.h has no frame of which nothing is known.
	 */
	return set(named, &frame, function || raw->location.address ? 1 : 0);
}

void stack_names_refresh(struct stack_names *names)
{
	jit_maps_refresh(names->jit_maps);
	for (size_t i = 0; i < names->room; i++)
		if (names->named[i].may_change)
			names->named[i].known = false;
}

static int name(struct stack_names *names, const struct raw_frame *raw, struct named *named)
{
	switch (raw->kind) {
	case RAW_FILE:
		return name_file(names, raw, named);
	case RAW_KERNEL:
		return name_kernel(names, raw->location.address, named);
	case RAW_EXEC:
		return set(named,
		    &(struct frame){.function = "execve", .object = "[kernel]", .source = "", .kernel = true}, 1);
	case RAW_CUT:
		return set(named, &(struct frame){}, 0);
	case RAW_NO_FILE:
		named->may_change = true;
		return name_generated(names, raw, named);
	}
	return -1;
}

const struct frame *stack_names_of(
    struct stack_names *names, const struct stack_rows *rows, uint32_t raw, size_t *count)
{
	if (raw >= names->room && make_room(names, raw))
		return NULL;
	if (!names->named[raw].known && name(names, &rows->frames[raw], &names->named[raw]))
		return NULL;
	*count = names->named[raw].count;
	return names->named[raw].frames;
}
