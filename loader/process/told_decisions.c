// SPDX-License-Identifier: MIT
#include "process/told_decisions.h"

#include <stddef.h>

#define POOLS (1 + HAKMEM_MEDIUM_POOLS)
#define TOLD  (1 + POOLS + HAKMEM_MAP_CLASSES)

_Static_assert(TOLD <= DECISIONS_MOST, "room for all decisions");
_Static_assert(offsetof(struct hakmem_decisions, prefault) + sizeof(((struct hakmem_decisions *)0)->prefault) ==
                   offsetof(struct hakmem_decisions, delay) + TOLD * sizeof(struct hakmem_decision),
    "all decisions lie together");

static const char *reason_text(uint8_t reason)
{
	static const char *const texts[] = {
#define REASON_TEXT(name, text) (text),
	    HAKMEM_REASONS(REASON_TEXT)
#undef REASON_TEXT
	};

	return reason < sizeof(texts) / sizeof(texts[0]) ? texts[reason] : "";
}

static bool is_told(const struct hakmem_decisions *told)
{
	return told->size == sizeof(*told);
}

/* Of number 0 to TOLD. */
static const struct hakmem_decision *decision_at(const struct hakmem_decisions *told, uint32_t number)
{
	return (const struct hakmem_decision *)((const char *)told + offsetof(struct hakmem_decisions, delay)) + number;
}

static int add(const struct hakmem_decisions *told, uint32_t number, struct decisions *into)
{
	const struct hakmem_decision *from = decision_at(told, number);
	struct decision decision = {.value = from->value, .changes = from->changes};

	if (!from->made)
		return 0;
	if (number > POOLS) {
		decision.lever = LEVER_PREFAULT;
		decision.block_bytes = told->block_size[number - POOLS - 1];
	} else if (number) {
		decision.lever = LEVER_HUGE;
		decision.pool = number - 1;
	}
	return decisions_add(into, &decision, reason_text(from->reason));
}

int told_decisions(const struct hakmem_decisions *told, struct decisions *into)
{
	if (!is_told(told))
		return 0;
	for (uint32_t number = 0; number < TOLD; number++)
		if (add(told, number, into))
			return -1;
	return 0;
}

int told_decisions_read(const struct hakmem_map *map, read_memory *read, void *context, struct hakmem_decisions *told)
{
	if (!map->inside.decisions || read(context, map->inside.decisions, told, sizeof(*told)) || !is_told(told))
		return -1;
	return 0;
}
