// SPDX-License-Identifier: MIT
/* At the function's first instruction, and behind its `rep stos`. */
#include "trace/breakpoints.h"

#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "trace/clear_sites.h"
#include "machine/refusal.h"

static int open_breakpoint(uint64_t address, pid_t pid)
{
	struct perf_event_attr attributes = {
	    .type = PERF_TYPE_BREAKPOINT,
	    .size = sizeof(attributes),
	    .bp_type = HW_BREAKPOINT_X,
	    .bp_addr = address,
	    .bp_len = sizeof(long),
	    .sample_period = 1,
	    .inherit = 1,
	    .exclude_user = 1,
	};

	return syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Found once: the kernel's text does not move. */
static int find_function(struct clear_function *function, char reason[REFUSAL_TEXT])
{
	static struct clear_function found;

	if (!found.begin && clear_function_find(&found, reason))
		return -1;
	*function = found;
	return 0;
}

int breakpoints_probe(char reason[REFUSAL_TEXT])
{
	struct clear_function function;
	int descriptor;

	/* What the processor can't do costs nothing to find out; the kernel's text must be read for the rest. */
	descriptor = open_breakpoint((uint64_t)(uintptr_t)breakpoints_probe, 0);
	if (descriptor < 0 && errno != EPERM)
		return refusal_say(reason, "setting a hardware breakpoint", errno);
	close(descriptor);
	if (find_function(&function, reason))
		return -1;
	descriptor = open_breakpoint(function.begin, 0);
	if (descriptor < 0)
		return refusal_say(reason, "setting a hardware breakpoint in the kernel", errno);
	close(descriptor);
	return 0;
}

static int set(struct tracer *tracer, struct bpf_program *program, uint64_t address, pid_t pid)
{
	int descriptor = open_breakpoint(address, pid);

	if (descriptor < 0)
		return -1;
	return links_add_event(&tracer->links, program, descriptor);
}

int breakpoints_arm(struct tracer *tracer, pid_t pid, char reason[REFUSAL_TEXT])
{
	struct clear_function function;

	if (find_function(&function, reason))
		return -1;
	tracer->skeleton->bss->direct_map = function.bases.direct_map;
	tracer->skeleton->bss->page_array = function.bases.page_array;
	if (set(tracer, tracer->skeleton->progs.breakpoint_zero_begin, function.begin, pid) ||
	    set(tracer, tracer->skeleton->progs.breakpoint_zero_end, function.end, pid))
		return refusal_say(reason, "setting a hardware breakpoint on the task", errno);
	return 0;
}
