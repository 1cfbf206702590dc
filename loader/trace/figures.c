// SPDX-License-Identifier: MIT
/* Each map by one system call; again when a task told of its faults meanwhile, which it does every GATHER_MOST of them.
 */
#include "trace/figures.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "machine/undisturbed.h"
#include "trace.skel.h"

enum {
	FIRST_ROOM = 256,
	/* Then it is what it is: programs that fault on all processors all the time don't leave a moment between. */
	TRIES = 16,
};

static int entries_grow(struct entries *entries)
{
	__u32 room = entries->room ? 2 * entries->room : FIRST_ROOM;
	void *keys = reallocarray(entries->keys, room, entries->key_size);
	void *values;

	if (!keys)
		return -1;
	entries->keys = keys;
	values = reallocarray(entries->values, room, entries->value_size);
	if (!values)
		return -1;
	entries->values = values;
	entries->room = room;
	return 0;
}

static int entries_read(struct entries *entries, const struct bpf_map *map)
{
	__u32 end;

	entries->key_size = bpf_map__key_size(map);
	entries->value_size = bpf_map__value_size(map);
	if (bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH)
		entries->value_size *= libbpf_num_possible_cpus();
	if (!entries->room && entries_grow(entries))
		return -1;
	for (;;) {
		entries->count = entries->room;
		/* ENOENT says that these were all; ENOSPC, that not even one bucket's had room. */
		if (bpf_map_lookup_batch(
		        bpf_map__fd(map), NULL, &end, entries->keys, entries->values, &entries->count, NULL) &&
		    errno != ENOSPC)
			return errno == ENOENT ? 0 : -1;
		if (entries_grow(entries))
			return -1;
	}
}

static int read_rows(struct figures *figures, const struct trace *object)
{
	return entries_read(&figures->accounts, object->maps.accounts) ||
	               entries_read(&figures->asides, object->maps.asides) ||
	               entries_read(&figures->processes, object->maps.processes)
	           ? -1
	           : 0;
}

int figures_read_once(struct figures *figures, const struct trace *object)
{
	*figures = (struct figures){};
	return read_rows(figures, object);
}

int figures_read(struct figures *figures, const struct trace *object, const struct shared_totals *shared)
{
	struct undisturbed normal;
	int result = 0;

	*figures = (struct figures){};
	for (int i = 0; i < TRIES && !result; i++) {
		struct totals before;

		totals_sum(shared, &before);
		undisturbed_begin(&normal);
		result = read_rows(figures, object);
		undisturbed_end(&normal);
		totals_sum(shared, &figures->totals);
		if (before.ended == figures->totals.begun)
			break; /* nobody told of anything from before until now */
	}
	return result;
}

static void entries_free(struct entries *entries)
{
	free(entries->keys);
	free(entries->values);
}

void figures_free(struct figures *figures)
{
	entries_free(&figures->accounts);
	entries_free(&figures->asides);
	entries_free(&figures->processes);
}

const void *entry_key(const struct entries *entries, __u32 number)
{
	return (const char *)entries->keys + number * entries->key_size;
}

const void *entry_value(const struct entries *entries, __u32 number)
{
	return (const char *)entries->values + number * entries->value_size;
}
