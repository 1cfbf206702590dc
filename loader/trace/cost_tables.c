// SPDX-License-Identifier: MIT
/* Who has which table, and the thread that tells BPF. */
#include "trace/cost_tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* How long the thread may take to wake up. */
#define LOOKS   100
#define LOOK_US 50

int cost_tables_open(struct cost_tables *tables, int outer, size_t most)
{
	*tables = (struct cost_tables){.outer = outer,
	    .most = most,
	    .tables = calloc(most, sizeof(*tables->tables)),
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .work = PTHREAD_COND_INITIALIZER};
	return tables->tables ? 0 : -1;
}

/* The oldest that waits to be entered. False: the thread is to end. */
static bool next_entry(struct cost_tables *tables, struct cost_entry *entry)
{
	bool got;

	pthread_mutex_lock(&tables->lock);
	tables->busy = false;
	while (!tables->entry_count && !tables->ends)
		pthread_cond_wait(&tables->work, &tables->lock);
	got = !tables->ends;
	if (got) {
		tables->busy = true;
		*entry = tables->entries[0];
		memmove(tables->entries, tables->entries + 1, --tables->entry_count * sizeof(*tables->entries));
	}
	pthread_mutex_unlock(&tables->lock);
	return got;
}

/* What the kernel refuses, a full map's entry at most, leaves the process without figures. */
static void *enter_all(void *context)
{
	struct cost_tables *tables = context;
	struct cost_entry entry;

	while (next_entry(tables, &entry)) {
		if (entry.map < 0) {
			bpf_map_delete_elem(tables->outer, &entry.key);
			continue;
		}
		bpf_map_update_elem(tables->outer, &entry.key, &entry.map, BPF_ANY);
		close(entry.map);
	}
	return NULL;
}

/* Replaces what waits for the same process: who comes and goes faster than tables are entered is never entered. */
static int put_entry(struct cost_tables *tables, struct cost_entry entry)
{
	struct cost_entry *entries = tables->entries;

	for (size_t i = 0; i < tables->entry_count; i++) {
		if (entries[i].key != entry.key)
			continue;
		if (entries[i].map >= 0)
			close(entries[i].map);
		entries[i] = entry;
		return 0;
	}
	entries = reallocarray(entries, tables->entry_count + 1, sizeof(*entries));
	if (!entries)
		return ENOMEM;
	tables->entries = entries;
	entries[tables->entry_count++] = entry;
	return 0;
}

/*
 * The thread is started when it is first needed: its caller may have given up capabilities by then, which the thread
 * must not have. *next: the entry is what the thread does next.
 */
static int enter(struct cost_tables *tables, struct cost_entry entry, bool *next)
{
	int error = tables->works ? 0 : pthread_create(&tables->enterer, NULL, enter_all, tables);

	tables->works = !error;
	*next = false;
	if (!error) {
		pthread_mutex_lock(&tables->lock);
		*next = !tables->busy && !tables->entry_count;
		error = put_entry(tables, entry);
		pthread_cond_signal(&tables->work);
		pthread_mutex_unlock(&tables->lock);
	}
	if (error && entry.map >= 0)
		close(entry.map);
	return error;
}

/* With its head filled in. A descriptor, or -1 with errno. */
static int make_map(pid_t process)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	struct cost_area *area = calloc(1, sizeof(*area));
	__u32 zero = 0;
	int map =
	    area ? bpf_map_create(BPF_MAP_TYPE_ARRAY, "cost_table", sizeof(zero), sizeof(*area), 1, &options) : -1;

	if (map >= 0) {
		area->costs.magic = HAKMEM_COSTS_MAGIC;
		area->costs.version = HAKMEM_MAP_VERSION;
		area->costs.process = process;
		if (bpf_map_update_elem(map, &zero, area, BPF_ANY)) {
			int error = errno;

			close(map);
			map = -1;
			errno = error;
		}
	}
	free(area);
	return map;
}

int cost_tables_give(struct cost_tables *tables, const struct cost_table *wanted, const struct cost_table **given)
{
	struct cost_table *table;
	int map;

	if (tables->count == tables->most)
		return ENOSPC;
	map = make_map(wanted->process);
	if (map < 0)
		return errno;
	table = &tables->tables[tables->count++];
	*table = *wanted;
	table->map = map;
	*given = table;
	return 0;
}

int cost_tables_enter(struct cost_tables *tables, const struct cost_table *table)
{
	struct cost_entry entry = {.key = table->key, .map = fcntl(table->map, F_DUPFD_CLOEXEC, 0)};
	__u32 key = table->key, number;
	bool next = false;
	int error = entry.map < 0 ? errno : enter(tables, entry, &next);

	/* There at once, but for the thread's waking up; its call goes on. */
	for (int looks = 0; !error && next && looks < LOOKS; looks++) {
		if (!bpf_map_lookup_elem(tables->outer, &key, &number))
			break;
		usleep(LOOK_US);
	}
	return error;
}

void cost_tables_drop(struct cost_tables *tables, const struct cost_table *table)
{
	bool next;

	close(table->map);
	close(table->end);
	enter(tables, (struct cost_entry){.key = table->key, .map = -1}, &next);
	tables->tables[table - tables->tables] = tables->tables[--tables->count];
}

const struct cost_table *cost_tables_find(const struct cost_tables *tables, pid_t process)
{
	for (size_t i = 0; i < tables->count; i++)
		if (tables->tables[i].process == process)
			return &tables->tables[i];
	return NULL;
}

size_t cost_tables_of(const struct cost_tables *tables, uid_t user)
{
	size_t count = 0;

	for (size_t i = 0; i < tables->count; i++)
		count += tables->tables[i].user == user;
	return count;
}

int cost_table_read(const struct cost_table *table, struct cost_area *area)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(table->map, &zero, area);
}

void cost_tables_close(struct cost_tables *tables)
{
	if (tables->works) {
		pthread_mutex_lock(&tables->lock);
		tables->ends = true;
		pthread_cond_signal(&tables->work);
		pthread_mutex_unlock(&tables->lock);
		pthread_join(tables->enterer, NULL);
	}
	for (size_t i = 0; i < tables->entry_count; i++)
		if (tables->entries[i].map >= 0)
			close(tables->entries[i].map);
	while (tables->count) {
		close(tables->tables[--tables->count].map);
		close(tables->tables[tables->count].end);
	}
	free(tables->entries);
	free(tables->tables);
	*tables = (struct cost_tables){.outer = -1};
}
