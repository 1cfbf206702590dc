/* SPDX-License-Identifier: MIT */
/*
 * libhakmem's probes of who asks for memory, in every file that has them: the library itself, and programs that are
 * linked with it. A file is probed for all processes; only traced ones are listened to. Not thread-safe.
 */
#ifndef SITE_PROBES_H
#define SITE_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace; /* the skeleton */
struct site_probes;

struct site_probes *site_probes_new(struct trace *skeleton); /* NULL: out of memory */
void site_probes_free(struct site_probes *probes);

/* Probe a file if it has these probes, and isn't probed yet. inode: that it must have; 0: any. */
void site_probes_file(struct site_probes *probes, const char *path, uint64_t inode);

/* Listen to blocks no more that others had before. */
void site_probes_drop_reused(struct site_probes *probes);

/* Listen to nothing any more. What is known of files stays. */
void site_probes_stop(struct site_probes *probes);

/* Files that are probed, or were. */
size_t site_probes_count(const struct site_probes *probes);

/* Is a file of that name (without folders) one of these? *whole: it is libhakmem alone. */
bool site_probes_has(const struct site_probes *probes, const char *name, bool *whole);

/* Why a file that has the probes could not be probed; NULL: none was like that. */
const char *site_probes_problem(const struct site_probes *probes);

#endif
