/* SPDX-License-Identifier: MIT */
/*
 * Making pages present ahead of use, in fewer and larger steps than one fault a page (HAKMEM_SS_PREFAULT). Only memory
 * that a block will be carved from is ever populated, never what a mapping takes in excess for its alignment.
 */
#ifndef HAKMEM_PREFAULT_H
#define HAKMEM_PREFAULT_H

#include "slab.h"

/* A SuperSlab has just been mapped: `populate` makes all of it present. */
void prefault_superslab(void *base);
/* Carving is about to reach `end` bytes into the slab, beyond its dirty pages. */
void prefault_carve(struct slab *slab, size_t end);
/* The slab's pages are given back to the kernel; its dirty pages are still counted. */
void prefault_forget(struct slab *slab);

#endif
