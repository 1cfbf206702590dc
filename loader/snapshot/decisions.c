// SPDX-License-Identifier: MIT
#include "snapshot/decisions.h"

#include <stdlib.h>
#include <string.h>

static const char *const lever_names[LEVER_COUNT] = {
    [LEVER_DELAY] = "delay_ms",
    [LEVER_HUGE] = "huge_pages",
    [LEVER_PREFAULT] = "prefault_pages",
};

const char *decision_lever_name(enum decision_lever lever)
{
	return lever_names[lever];
}

bool decision_lever_find(const char *name, enum decision_lever *lever)
{
	for (*lever = 0; *lever < LEVER_COUNT; ++*lever)
		if (!strcmp(lever_names[*lever], name))
			return true;
	return false;
}

int decisions_add(struct decisions *decisions, const struct decision *decision, const char *reason)
{
	struct decision *list;
	char *copy;

	if (decisions->count == DECISIONS_MOST)
		return -1;
	list = reallocarray(decisions->list, decisions->count + 1, sizeof(*list));
	if (!list)
		return -1;
	decisions->list = list;
	copy = strdup(reason);
	if (!copy)
		return -1;
	list[decisions->count] = *decision;
	list[decisions->count++].reason = copy;
	return 0;
}

void decisions_free(struct decisions *decisions)
{
	for (size_t i = 0; i < decisions->count; i++)
		free(decisions->list[i].reason);
	free(decisions->list);
	*decisions = (struct decisions){};
}

bool decider_changed(const struct decider *decider)
{
	for (size_t i = 0; i < decider->decisions.count; i++)
		if (decider->decisions.list[i].changes)
			return true;
	return false;
}

void decider_free(struct decider *decider)
{
	free(decider->comm);
	decisions_free(&decider->decisions);
}

/* False: all have changed something. */
static bool drop_unchanged(struct deciders *deciders)
{
	for (size_t i = 0; i < deciders->count; i++) {
		if (decider_changed(&deciders->list[i]))
			continue;
		decider_free(&deciders->list[i]);
		deciders->count--;
		memmove(&deciders->list[i], &deciders->list[i + 1], (deciders->count - i) * sizeof(*deciders->list));
		deciders->more_unchanged++;
		return true;
	}
	return false;
}

int deciders_add(struct deciders *deciders, const char *comm, const struct decider *decider)
{
	struct decider added = *decider, *list;
	bool changed = decider_changed(decider);

	added.comm = NULL;
	if (deciders->count == DECIDERS_MOST && !(changed && drop_unchanged(deciders))) {
		decider_free(&added);
		++*(changed ? &deciders->more : &deciders->more_unchanged);
		return 0;
	}
	added.comm = strdup(comm);
	list = reallocarray(deciders->list, deciders->count + 1, sizeof(*list));
	if (list)
		deciders->list = list;
	if (!list || !added.comm) {
		decider_free(&added);
		return -1;
	}
	list[deciders->count++] = added;
	return 0;
}

static int copy_decisions(struct decisions *into, const struct decisions *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (decisions_add(into, &from->list[i], from->list[i].reason))
			return -1;
	return 0;
}

int deciders_copy(struct deciders *into, const struct deciders *from)
{
	for (size_t i = 0; i < from->count; i++) {
		struct decider copy = {.pid = from->list[i].pid, .running = from->list[i].running};

		if (copy_decisions(&copy.decisions, &from->list[i].decisions)) {
			decisions_free(&copy.decisions);
			return -1;
		}
		if (deciders_add(into, from->list[i].comm, &copy))
			return -1;
	}
	into->more += from->more;
	into->more_unchanged += from->more_unchanged;
	return 0;
}

void deciders_free(struct deciders *deciders)
{
	for (size_t i = 0; i < deciders->count; i++)
		decider_free(&deciders->list[i]);
	free(deciders->list);
	*deciders = (struct deciders){};
}

void deciders_drop(struct deciders **deciders)
{
	if (*deciders)
		deciders_free(*deciders);
	free(*deciders);
	*deciders = NULL;
}
