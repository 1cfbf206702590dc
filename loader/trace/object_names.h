/* SPDX-License-Identifier: MIT */
/* What the files are called that owners name by number. */
#ifndef OBJECT_NAMES_H
#define OBJECT_NAMES_H

#include <stddef.h>

#include "bpf/types.h"

struct trace; /* the skeleton */

struct object_names {
	char (*name)[sizeof(((struct object *)0)->name)]; /* by number; [0] is "" */
	size_t count;
};

int object_names_read(struct trace *skeleton, struct object_names *names); /* 0, or -1 when out of memory */
void object_names_free(struct object_names *names);

const char *object_names_find(const struct object_names *names, size_t number); /* "": not known */

#endif
