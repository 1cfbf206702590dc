/* SPDX-License-Identifier: MIT */
/*
 * Work that must not be interrupted by other tasks: a system call on a BPF map switches perf events' and kprobes'
 * programs off on its processor until it returns (bpf_disable_instrumentation() in kernel/bpf/syscall.c), so whoever
 * ran there meanwhile would not be counted. The thread has the lowest of real-time priorities for that time.
 */
#ifndef UNDISTURBED_H
#define UNDISTURBED_H

#include <stdbool.h>
#include <sched.h>

struct undisturbed {
	bool changed;
	int policy;
	struct sched_param parameter;
};

/* Keep it short. False: it takes CAP_SYS_NICE (or RLIMIT_RTPRIO), and nothing has changed. */
bool undisturbed_begin(struct undisturbed *before);
void undisturbed_end(const struct undisturbed *before); /* also of one that did not begin */

#endif
