// SPDX-License-Identifier: MIT
/*
 * BPF has noted where each mapped file lies; here it is asked what it is. A shared object that exports malloc and free
 * stands in libc's place, whatever its name. The paths are the machine's: a container's file that can't be found
 * from here, or has been replaced, is known by name only.
 */
#include "trace/recognise.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "symbol/elf_file.h"
#include "trace.skel.h"
#include "process/owner.h"

static bool path_of(const struct object_path *object, char path[PATH_MAX])
{
	size_t length = 0;

	for (int i = OBJECT_PATH_PARTS - 1; i >= 0; i--) {
		const char *part = object->part[i];

		if (!part[0])
			continue;
		if (!memchr(part, 0, OBJECT_PATH_PART))
			return false;
		length += snprintf(path + length, PATH_MAX - length, "/%s", part);
	}
	return length;
}

/*
 * The kernel told the path from its mount namespace's root. In a chroot, of which that is not the root, the file is
 * found by an end of the path; that it is the same file, its inode tells.
 */
static bool read_file(const char *path, __u64 inode, struct elf_facts *facts)
{
	for (; path; path = strchr(path + 1, '/'))
		if (elf_file_read(path, inode, facts))
			return true;
	return false;
}

const char *recognise_files(struct tracer *tracer)
{
	static char limit[256];
	int map = bpf_map__fd(tracer->skeleton->maps.object_paths);
	struct object_path object;
	__u32 key, *previous = NULL;
	char path[PATH_MAX];

	limit[0] = 0;
	while (!bpf_map_get_next_key(map, previous, &key)) {
		struct elf_facts facts;

		previous = &key;
		if (bpf_map_lookup_elem(map, &key, &object) || !path_of(&object, path) ||
		    !read_file(path, object.inode, &facts))
			continue;
		if (facts.exports_malloc && !facts.is_program)
			owner_add_allocator(object.part[0]);
		if (facts.is_static)
			snprintf(limit, sizeof(limit),
			    "which of %s's code and memory is its C library's: it is static%s, and all of it counts as "
			    "the program's",
			    object.part[0], facts.is_stripped ? " and stripped" : "");
	}
	return limit[0] ? limit : NULL;
}
