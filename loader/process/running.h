/* SPDX-License-Identifier: MIT */
/* Can this be attached to? Each is 0 or a descriptor, or -1 with a line in error. */
#ifndef RUNNING_H
#define RUNNING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RUNNING_ERROR 256

/* A pidfd of a process that runs, is no kernel thread and not ourselves, and whose memory we may look at. */
int running_open(pid_t process, char error[RUNNING_ERROR]);

/* The id of a cgroup of the unified hierarchy, by the path of its folder. */
int running_cgroup(const char *path, uint64_t *id, char error[RUNNING_ERROR]);

/* How many mappings a process has, 0 when that can't be read. */
size_t running_mappings(pid_t process);

#endif
