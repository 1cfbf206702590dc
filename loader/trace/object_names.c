// SPDX-License-Identifier: MIT
#include "trace/object_names.h"

#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "trace.skel.h"

int object_names_read(struct trace *skeleton, struct object_names *names)
{
	int map = bpf_map__fd(skeleton->maps.objects);
	struct object_key key, *previous = NULL;
	struct object object;

	names->count = skeleton->bss->next_object + 1;
	names->name = calloc(names->count, sizeof(*names->name));
	if (!names->name)
		return -1;
	while (!bpf_map_get_next_key(map, previous, &key)) {
		previous = &key;
		if (!bpf_map_lookup_elem(map, &key, &object) && object.number < names->count)
			memcpy(names->name[object.number], object.name, sizeof(object.name) - 1);
	}
	return 0;
}

void object_names_free(struct object_names *names)
{
	free(names->name);
	*names = (struct object_names){};
}

const char *object_names_find(const struct object_names *names, size_t number)
{
	return number < names->count ? names->name[number] : "";
}
