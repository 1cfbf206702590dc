/* SPDX-License-Identifier: MIT */
/*
 * Functions that a process compiled while it ran, which no file has: node (--perf-basic-prof), Java (jcmd PID
 * Compiler.perfmap), and others write them to /tmp/perf-PID.map. In a container that is its own /tmp, and its own PID.
 *
 * /tmp is everybody's, so the file is believed only if it belongs to root or to the user whose process it is, and is
 * not older than the process. What stands in it is still that user's to say, about their own process.
 *
 * node writes it in large pieces and the rest as it exits. So open it while the process lives, when it is known what
 * user it has, and where its /tmp is; refresh it when it has ended, then ask.
 */
#ifndef PERF_MAP_H
#define PERF_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_map;

/* NULL: there is none (yet) that is to be believed, or memory is out. Of a process that is gone only root's and ours
 * are. */
struct perf_map *perf_map_open(pid_t pid);

void perf_map_close(struct perf_map *map);

/* Reads what has been added since; from the start, if it was written anew. False: nothing. */
bool perf_map_refresh(struct perf_map *map);

/*
 * The function that an address is in, as the last line says that has it; NULL: none. The string lives as long as the
 * map.
 */
const char *perf_map_function(const struct perf_map *map, uint64_t address);

#endif
