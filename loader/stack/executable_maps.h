/* SPDX-License-Identifier: MIT */
/*
 * What executable memory each process has, kept from the kernel's records, and the files it is from, with their
 * functions. A file is read when the first sample lies in it: later it may be gone.
 */
#ifndef EXECUTABLE_MAPS_H
#define EXECUTABLE_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot/sampled.h"
#include "machine/perf_ring.h"

struct executable_maps;

struct executable_maps *executable_maps_new(void); /* NULL: out of memory */
void executable_maps_free(struct executable_maps *maps);

/* Follow this task, which is about to exec, and all that it forks. */
void executable_maps_begin(struct executable_maps *maps, uint32_t pid);

/* A record that is no sample; others are ignored. */
void executable_maps_take(struct executable_maps *maps, const struct perf_record *record);

/* Has this process been seen to exec, or is it a child of one that has? */
bool executable_maps_follows(const struct executable_maps *maps, uint32_t pid);

/* Know a process that runs already by what /proc says of it. Nothing happens if it is gone, or known. */
void executable_maps_seed(struct executable_maps *maps, uint32_t pid);

/* What is mapped where an address of a process lies; false: nothing that is known of. */
struct executable_range {
	const char *path; /* as the kernel has it: "[vdso]", "//anon", or from the root of its mount namespace */
	uint64_t inode;
	uint64_t start, end;
	uint64_t offset;    /* in the file, of start */
	uint64_t mapped_ns; /* when, by CLOCK_MONOTONIC; 0: before we looked */
};
bool executable_maps_range(
    struct executable_maps *maps, uint32_t pid, uint64_t address, struct executable_range *range);

/* The same of the first that reaches beyond an address. */
bool executable_maps_next(struct executable_maps *maps, uint32_t pid, uint64_t address, struct executable_range *range);

/* Where an address of a process lies. Strings of `place` live as long as the maps; its count is 0. */
void executable_maps_find(struct executable_maps *maps, uint32_t pid, uint64_t address, struct sampled *place);

/* Is the instruction there, or the one that ends there, one of these? False also when its bytes can't be read. */
bool executable_maps_after_call(struct executable_maps *maps, uint32_t pid, uint64_t address);
bool executable_maps_repeats(struct executable_maps *maps, uint32_t pid, uint64_t address);

/* Next object that had samples and of which only exported functions are known; *from starts as 0. NULL: no more. */
const char *executable_maps_stripped(const struct executable_maps *maps, size_t *from);

/* Is there a C library with samples of which can't be told which of its functions are its malloc's? */
bool executable_maps_hides_malloc(const struct executable_maps *maps);

/* The objects that were ever mapped, numbered from 0; false: there are not so many. */
bool executable_maps_object(const struct executable_maps *maps, size_t number, const char **path, uint64_t *inode);

/* How many processes there have been. */
size_t executable_maps_processes(const struct executable_maps *maps);

/* Records that were dropped for want of memory. */
uint64_t executable_maps_lost(const struct executable_maps *maps);

#endif
