/* SPDX-License-Identifier: MIT */
/*
 * The figures in the BPF maps, together as they were at one moment: rows, processes and totals that belong to each
 * other, while programs go on counting.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include <stddef.h>
#include <linux/types.h>

#include "bpf/types.h"
#include "trace/totals.h"

/* A hash map's entries. */
struct entries {
	void *keys, *values;
	size_t key_size, value_size;
	__u32 count, room;
};

struct figures {
	struct entries accounts;  /* struct account_key; struct account, one a processor */
	struct entries asides;    /* struct aside_key; struct aside */
	struct entries processes; /* thread group id; struct process_account */
	struct totals totals;
};

/* The rows alone, however much is told of meanwhile. 0, or -1 with errno. figures_free() in both cases. */
int figures_read_once(struct figures *figures, const struct trace *object);

/* The same for what belongs together. */
int figures_read(struct figures *figures, const struct trace *object, const struct shared_totals *shared);
void figures_free(struct figures *figures);

const void *entry_key(const struct entries *entries, __u32 number);
const void *entry_value(const struct entries *entries, __u32 number);

#endif
