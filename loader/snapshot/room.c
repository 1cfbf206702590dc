// SPDX-License-Identifier: MIT
#include "snapshot/room.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

int room_for_one(void *array, size_t *room, size_t count, size_t size)
{
	size_t larger = *room ? 2 * *room : ROOM_FIRST;
	void *members;

	if (count < *room)
		return 0;
	memcpy(&members, array, sizeof(members)); /* whatever it points to */
	members = reallocarray(members, larger, size);
	if (!members)
		return -1;
	memcpy(array, &members, sizeof(members));
	*room = larger;
	return 0;
}
