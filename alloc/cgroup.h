/* SPDX-License-Identifier: MIT */
/*
 * How much memory this process's control groups allow: beyond that the kernel does not refuse, it ends the process.
 */
#ifndef HAKMEM_CGROUP_H
#define HAKMEM_CGROUP_H

#include "common.h"

/* In bytes; SIZE_MAX where there is no limit or none can be seen. Reads a few files. */
size_t cgroup_memory_limit(void);

#endif
