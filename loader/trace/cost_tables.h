/* SPDX-License-Identifier: MIT */
/*
 * Tables of costs (include/hakmem_map.h, "the way back"): for each process that asks an array of its own, mappable, of
 * which BPF programs know through a map of maps by the kernel's own process id. A table is never used for a second
 * process: whoever still has the first one's descriptor could see or change what the second one's memory costs.
 *
 * To enter a map into a map, or take it out, waits for a grace period (some 15 ms). A thread does that, so that neither
 * the process nor the caller waits: what the process costs until its table is entered is counted nowhere.
 */
#ifndef COST_TABLES_H
#define COST_TABLES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/types.h"

/* One process's. */
struct cost_table {
	pid_t process; /* as we see it */
	uid_t user;
	uint32_t key;  /* its id in the machine's own namespace, as BPF sees it */
	char comm[16]; /* as it asked; "": not known */
	int map;       /* descriptors */
	int end;       /* a pidfd */
};

/* What the map of maps is to have. */
struct cost_entry {
	uint32_t key;
	int map; /* ours to close; -1: nothing */
};

struct cost_tables {
	int outer; /* not ours */
	size_t most;
	struct cost_table *tables; /* room for `most` */
	size_t count;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t work;
	struct cost_entry *entries; /* the oldest first */
	size_t entry_count;
	pthread_t enterer;
	bool works; /* the thread */
	bool busy;
	bool ends;
};

/* 0, or -1 with errno. */
int cost_tables_open(struct cost_tables *tables, int outer, size_t most);

/*
 * A new one for this process, which has none. The descriptor of its pidfd, `end`, is taken over. 0,
 * or a value of errno: ENOSPC, there is no room; then nothing is taken over. The table stays where it is until the next
 * call.
 */
int cost_tables_give(struct cost_tables *tables, const struct cost_table *wanted, const struct cost_table **given);

/*
 * Its programs may count there from now on, or as soon as others' tables are entered that came before: this waits for
 * the thread's wake-up, some ms at most.
 */
int cost_tables_enter(struct cost_tables *tables, const struct cost_table *table);

/* The process has ended. */
void cost_tables_drop(struct cost_tables *tables, const struct cost_table *table);

/* NULL: it has none. */
const struct cost_table *cost_tables_find(const struct cost_tables *tables, pid_t process);

/* How many this user's processes have. */
size_t cost_tables_of(const struct cost_tables *tables, uid_t user);

/* 0, or -1 with errno. */
int cost_table_read(const struct cost_table *table, struct cost_area *area);

/* Programs that still count do so into tables that nobody is given any more. */
void cost_tables_close(struct cost_tables *tables);

#endif
