/* SPDX-License-Identifier: MIT */
/* Facts about the running kernel that a report states. Strings are static. */
#ifndef KERNEL_H
#define KERNEL_H

const char *kernel_release(void);

/* "none", "integrity", "confidentiality", or "unknown" where securityfs doesn't say. */
const char *kernel_lockdown(void);

/* 1: every page allocation is zeroed (init_on_alloc), 0: not, -1: could not be found out. Read once. */
int kernel_init_on_alloc(void);

#endif
