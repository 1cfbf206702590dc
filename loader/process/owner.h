/* SPDX-License-Identifier: MIT */
/* From an owner, as BPF counts it, to the region and detail that a report shows. */
#ifndef OWNER_H
#define OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "snapshot/snapshot.h"

#define OWNER_DETAIL 96

/*
 * object: the name of the owner's file object, or "" when it has none. block_size: of a libhakmem size class.
 * The detail is written to `detail`; its region is returned.
 */
enum region owner_region(uint32_t owner, uint32_t block_size, const char *object, char detail[OWNER_DETAIL]);

/* The kind (enum owner_kind) of a segment of an ELF file. program: it is the executable. */
uint32_t owner_of_image(bool program, bool writable, bool executable);

/* A shared object that was found to stand in libc's place, besides those known by name. */
void owner_add_allocator(const char *object);

/* By file name: is it the C library (or its dynamic loader); a malloc library that stands in its place? */
bool owner_is_libc(const char *name);
bool owner_is_allocator(const char *name);

#endif
