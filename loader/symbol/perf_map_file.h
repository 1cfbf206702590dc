/* SPDX-License-Identifier: MIT */
/* Finds a process's /tmp/perf-PID.map, if it is to be believed (see perf_map.h). */
#ifndef PERF_MAP_FILE_H
#define PERF_MAP_FILE_H

#include <sys/types.h>

/* A descriptor; -1: there is none. */
int perf_map_file_open(pid_t pid);

#endif
