/* SPDX-License-Identifier: MIT */
/* Facts about the running kernel that a report states. Strings are static. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>

const char *kernel_release(void);

/* A release as a number that can be compared: KERNEL(6, 19). */
#define KERNEL(major, minor) ((major) << 16 | (minor))

/* From here on a tracepoint's programs can be preempted, and are then skipped for others: see bpf/fault_event.h. */
#define TRACEPOINTS_PREEMPTED KERNEL(6, 19)

/* Is this kernel of that release, or newer? */
bool kernel_is_from(unsigned int release);

/* "none", "integrity", "confidentiality", or "unknown" where securityfs doesn't say. */
const char *kernel_lockdown(void);

/* 1: every page allocation is zeroed (init_on_alloc), 0: not, -1: could not be found out. Read once. */
int kernel_init_on_alloc(void);

/* Is there any swap space now? Yes also when that can't be found out. */
bool kernel_swaps(void);

#endif
