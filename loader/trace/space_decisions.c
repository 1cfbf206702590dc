// SPDX-License-Identifier: MIT
#include "trace/space_decisions.h"

#include <stdlib.h>

#define POOLS          (1 + HAKMEM_MEDIUM_POOLS)
#define DECISIONS_MOST (1 + POOLS + HAKMEM_MAP_CLASSES)

static const char *reason_text(uint8_t reason)
{
	static const char *const texts[] = {
#define REASON_TEXT(name, text) (text),
	    HAKMEM_REASONS(REASON_TEXT)
#undef REASON_TEXT
	};

	return reason < sizeof(texts) / sizeof(texts[0]) ? texts[reason] : "";
}

static struct spaces_decision *add(
    struct spaces_process *process, const struct hakmem_decision *from, enum spaces_lever lever)
{
	struct spaces_decision *decision = &process->decisions[process->decision_count];

	if (!from->made)
		return NULL;
	process->decision_count++;
	*decision = (struct spaces_decision){
	    .lever = lever,
	    .value = from->value,
	    .changes = from->changes,
	    .reason = reason_text(from->reason),
	};
	return decision;
}

int space_decisions_read(const struct hakmem_map *map, read_memory *read, void *context, struct spaces_process *process)
{
	struct hakmem_decisions decisions;
	struct spaces_decision *added;

	if (!map->inside.decisions || read(context, map->inside.decisions, &decisions, sizeof(decisions)) ||
	    decisions.size != sizeof(decisions))
		return 0;
	process->decisions = calloc(DECISIONS_MOST, sizeof(*process->decisions));
	if (!process->decisions)
		return -1;
	add(process, &decisions.delay, LEVER_DELAY);
	for (uint32_t pool = 0; pool < POOLS; pool++) {
		added = add(process, &decisions.huge[pool], LEVER_HUGE);
		if (added)
			added->pool = pool;
	}
	for (size_t class = 0; class < HAKMEM_MAP_CLASSES; class ++) {
		added = add(process, &decisions.prefault[class], LEVER_PREFAULT);
		if (added)
			added->block_bytes = map->class_size[class];
	}
	return 0;
}
