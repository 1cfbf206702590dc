/* SPDX-License-Identifier: MIT */
/*
 * Where memory came from: which call of malloc handed out each page that a fault is about, as libhakmem tells it (bpf/
 * alloc_site.h). Not thread-safe.
 */
#ifndef ALLOC_SITES_H
#define ALLOC_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/stack_record.h"

struct trace; /* the skeleton */
struct alloc_sites;

/* NULL: out of memory. */
struct alloc_sites *alloc_sites_new(struct trace *skeleton);
void alloc_sites_free(struct alloc_sites *sites);

struct site_probes *alloc_sites_probes(struct alloc_sites *sites);

/* A block was handed out to these frames, which are copied; with none, to nobody that is known. */
void alloc_sites_set(struct alloc_sites *sites, const struct stack_site *told, const uint32_t *frames, size_t count);

/* An address space comes or goes. */
void alloc_sites_space(struct alloc_sites *sites, const struct stack_space *told);

/* Who was handed the page of a fault; *count 0: it isn't known, or that memory is not libhakmem's to hand out. The
 * frames live until the sites are freed. */
const uint32_t *alloc_sites_find(const struct alloc_sites *sites, const struct stack_cost *cost, size_t *count);

/* How many stacks of sites are to be taken, every so often: all, or about so many a tick, after so many ticks. */
void alloc_sites_steer(struct alloc_sites *sites, bool all, uint32_t most, uint64_t ticks);

/* Often: listen no more to what would cost too much. */
void alloc_sites_limit_reused(struct alloc_sites *sites);

/* What there was no room for. */
uint64_t alloc_sites_lost(const struct alloc_sites *sites);

/* In words what is not known; NULL: nothing. */
const char *alloc_sites_limit(const struct alloc_sites *sites);

/* Is any libhakmem listened to? */
bool alloc_sites_known(const struct alloc_sites *sites);

#endif
