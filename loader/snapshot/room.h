/* SPDX-License-Identifier: MIT */
/* Arrays that grow. */
#ifndef ROOM_H
#define ROOM_H

#include <stddef.h>

/*
 * Room for one more behind `count` members of `size` bytes: array points to a pointer to the first (NULL: there is none
 * yet), *room is how many there is room for. 0, or -1 when out of memory: all is as it was.
 */
int room_for_one(void *array, size_t *room, size_t count, size_t size);

#endif
