// SPDX-License-Identifier: MIT
/* Two instructions, loaded and attached. */
#include "trace/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "trace/kernel_btf.h"
#include "machine/refusal.h"

/* return 0 */
static const struct bpf_insn nothing[] = {
    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
    {.code = BPF_JMP | BPF_EXIT},
};

#define NOTHING_LENGTH (sizeof(nothing) / sizeof(nothing[0]))

int probe_fentry(char reason[REFUSAL_TEXT])
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY);
	int function = kernel_btf_function("handle_mm_fault"), program, link, error;

	if (function <= 0) {
		snprintf(reason, REFUSAL_TEXT,
		    "handle_mm_fault is not in the kernel's BTF; a kernel with CONFIG_DEBUG_INFO_BTF is needed");
		return -1;
	}
	options.attach_btf_id = function;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "GPL", nothing, NOTHING_LENGTH, &options);
	if (program < 0)
		return refusal_say(reason, "loading an fentry program", errno);
	link = bpf_link_create(program, 0, BPF_TRACE_FENTRY, NULL);
	error = errno;
	close(program);
	if (link < 0)
		return refusal_say(reason, "attaching to fentry of handle_mm_fault", error);
	close(link);
	return 0;
}

int probe_kprobe_type(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &type) != 1)
		type = -1;
	fclose(file);
	return type;
}

int probe_kprobe(char reason[REFUSAL_TEXT])
{
	struct perf_event_attr attributes = {
	    .type = probe_kprobe_type(),
	    .size = sizeof(attributes),
	    .kprobe_func = (uintptr_t) "handle_mm_fault",
	};
	int program, event, result, error;

	if (probe_kprobe_type() < 0) {
		snprintf(
		    reason, REFUSAL_TEXT, "the kernel has no kprobe events; one with CONFIG_KPROBE_EVENTS is needed");
		return -1;
	}
	program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "probe", "GPL", nothing, NOTHING_LENGTH, NULL);
	if (program < 0)
		return refusal_say(reason, "loading a kprobe program", errno);
	event = syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	result = event < 0 ? -1 : ioctl(event, PERF_EVENT_IOC_SET_BPF, program);
	error = errno;
	if (event >= 0)
		close(event);
	close(program);
	return result ? refusal_say(reason, "attaching a kprobe to handle_mm_fault", error) : 0;
}
