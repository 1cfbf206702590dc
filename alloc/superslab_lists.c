// SPDX-License-Identifier: MIT
/*
 * superslab_lists: SuperSlabs that have unused parts are on lists: with dirty ones or with clean ones only, and of each
 * kind by the longest slab that has room. A slab is taken from where the least room is that will do, of dirty ones
 * first, and of what was used most recently first. All under superslab.c's lock.
 */
#include "superslab.h"

#define ROOMS (SUPERSLAB_WHOLE + 1)

enum list {
	LIST_NONE,
	LIST_DIRTY, /* and so on, a list for each room */
	LIST_CLEAN = LIST_DIRTY + ROOMS,
	LIST_COUNT = LIST_CLEAN + ROOMS,
};

static COMPACT struct superslab *lists[LIST_COUNT];

void superslab_unlist(struct superslab *superslab)
{
	if (superslab->list == LIST_NONE)
		return;
	if (superslab->previous != NULL)
		superslab->previous->next = superslab->next;
	else
		lists[superslab->list] = superslab->next;
	if (superslab->next != NULL)
		superslab->next->previous = superslab->previous;
	superslab->list = LIST_NONE;
}

static unsigned int right_list(const struct superslab *superslab)
{
	if (superslab_unused(superslab) == 0)
		return LIST_NONE;
	return (superslab->dirty != 0 ? LIST_DIRTY : LIST_CLEAN) + superslab_room(superslab_unused(superslab));
}

void superslab_list(struct superslab *superslab)
{
	unsigned int list = right_list(superslab);

	if (superslab->list == list)
		return;
	superslab_unlist(superslab);
	if (list == LIST_NONE)
		return;
	superslab->list = list;
	superslab->previous = NULL;
	superslab->next = lists[list];
	if (superslab->next != NULL)
		superslab->next->previous = superslab;
	lists[list] = superslab;
}

struct superslab *superslab_dirty_with_room(unsigned int room)
{
	return lists[LIST_DIRTY + room];
}

struct superslab *superslab_with_room(unsigned int length)
{
	for (unsigned int room = length; room < ROOMS; room++)
		if (lists[LIST_DIRTY + room] != NULL)
			return lists[LIST_DIRTY + room];
	for (unsigned int room = length; room < ROOMS; room++)
		if (lists[LIST_CLEAN + room] != NULL)
			return lists[LIST_CLEAN + room];
	return NULL;
}
