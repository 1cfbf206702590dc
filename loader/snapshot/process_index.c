// SPDX-License-Identifier: MIT
/* See process_index.h. */
#include "snapshot/process_index.h"

static bool same_process(const void *context, uint32_t number, const void *pid)
{
	return ((const struct snapshot *)context)->processes[number].pid == *(const uint32_t *)pid;
}

static uint32_t hash_of(uint32_t pid)
{
	return lookup_hash(LOOKUP_START, &pid, sizeof(pid));
}

uint32_t process_index_find(const struct process_index *index, uint32_t pid)
{
	return lookup_find(&index->numbers, hash_of(pid), same_process, index->snapshot, &pid);
}

int process_index_add(struct process_index *index, uint32_t number)
{
	return lookup_add(&index->numbers, hash_of(index->snapshot->processes[number].pid), number);
}

int process_index_make(struct process_index *index, const struct snapshot *snapshot)
{
	*index = (struct process_index){.snapshot = snapshot};
	for (size_t i = 0; i < snapshot->process_count; i++) {
		if (process_index_find(index, snapshot->processes[i].pid) != LOOKUP_NONE)
			continue;
		if (process_index_add(index, i)) {
			process_index_free(index);
			return -1;
		}
	}
	return 0;
}

void process_index_free(struct process_index *index)
{
	lookup_free(&index->numbers);
}
