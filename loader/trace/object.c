// SPDX-License-Identifier: MIT
/*
 * Both builds have the same programs, maps and variables, so that one skeleton describes either; only the bytes
 * differ.
 */
#include "trace/object.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "trace/kernel_btf.h"
#include "trace_old.skel.h"

#define SAME_PLACE(section, variable)                                                                                  \
	_Static_assert(offsetof(struct trace__##section, variable) == offsetof(struct trace_old__##section, variable), \
	    "the builds differ in where " #variable " is")

SAME_PLACE(rodata_settings, init_on_alloc);
SAME_PLACE(rodata_settings, huge_hooked);
SAME_PLACE(rodata_settings, samples_wanted);
SAME_PLACE(rodata_settings, main_return);
SAME_PLACE(bss, stopping);
SAME_PLACE(bss, table_generation);
SAME_PLACE(bss, next_object);
SAME_PLACE(bss, sites_reused);
SAME_PLACE(data, timing);
SAME_PLACE(data, site_doubles);

bool object_is_old(void)
{
	return !kernel_btf_function("bpf_loop") || !kernel_btf_function("bpf_find_vma");
}

/* The compiler's own constants are a map in one build and not in the other; nobody asks for them by name. */
static void forget_constants(struct bpf_object_skeleton *skeleton)
{
	char *maps = (char *)skeleton->maps;
	int size = skeleton->map_skel_sz, kept = 0;

	for (int i = 0; i < skeleton->map_cnt; i++) {
		struct bpf_map_skeleton *map = (struct bpf_map_skeleton *)(maps + i * size);

		if (strncmp(map->name, ".rodata.cst", 11))
			memmove(maps + kept++ * size, map, size);
	}
	skeleton->map_cnt = kept;
}

struct trace *object_open(void)
{
	struct trace *object = calloc(1, sizeof(*object));
	int error = object ? trace__create_skeleton(object) : -ENOMEM;

	if (!error) {
		forget_constants(object->skeleton);
		if (object_is_old())
			object->skeleton->data = (void *)trace_old__elf_bytes(&object->skeleton->data_sz);
		error = bpf_object__open_skeleton(object->skeleton, NULL);
	}
	if (!error)
		return object;
	trace__destroy(object);
	errno = -error;
	return NULL;
}
