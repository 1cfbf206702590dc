/* SPDX-License-Identifier: MIT */
/* The mappings of a process as /proc/PID/maps lists them, and whose each is by that alone. The parsing is pure. */
#ifndef SPACE_MAPS_H
#define SPACE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/types.h"

#define SPACE_MAPS_MOST 16384

struct space_mapping {
	uint64_t start, end;
	enum owner_kind kind; /* OWNER_ANON: anybody's */
	uint64_t resident;    /* bytes; UINT64_MAX: not asked for */
	const char *name;     /* of its file, without folders; "" */
};

struct space_maps {
	char *text;
	struct space_mapping *mappings; /* by address */
	size_t count;
	uint64_t more; /* that were not taken */
};

/* resident: that as well, for which the kernel looks at all of its pages. 0, or -1 with errno. space_maps_free() in
 * either case. */
int space_maps_read(struct space_maps *maps, pid_t process, bool resident);
void space_maps_free(struct space_maps *maps);

/* The same from a text, which is changed and belongs to `maps` from now on. program: its path, "" unknown. */
int space_maps_parse(struct space_maps *maps, char *text, const char *program);

#endif
