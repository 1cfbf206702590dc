// SPDX-License-Identifier: MIT
/*
 * cgroup: the limits are looked for where systemd and container runtimes mount the hierarchies. A group's limit holds
 * for the groups in it, so each is asked from the process's own up to the topmost that can be seen. In a container the
 * path may be one that only the host has; then the topmost is the container's own.
 */
#include "cgroup.h"

#include <stdlib.h>
#include <string.h>

#include "os.h"

/* A dozen hierarchies, each with the path of a container. What is longer counts as no limit. */
#define LIST_SIZE 2048
#define PATH_SIZE 512

static size_t read_limit(const char *path)
{
	char text[32];
	char *end;
	unsigned long long limit;

	if (!os_read_file(path, text, sizeof(text)))
		return SIZE_MAX;
	limit = strtoull(text, &end, 10);
	return end != text && limit < SIZE_MAX ? (size_t)limit : SIZE_MAX; /* "max" is none */
}

/* `group` is a path of `length`, beginning with a slash. */
static size_t least_limit(const char *mount, const char *group, size_t length, const char *file)
{
	char path[PATH_SIZE];
	size_t top = strlen(mount), file_size = strlen(file) + 1, least = SIZE_MAX;

	if (top + length + file_size > sizeof(path))
		return SIZE_MAX;
	memcpy(path, mount, top);
	memcpy(path + top, group, length);
	for (size_t end = top + length;;) {
		size_t limit;

		memcpy(path + end, file, file_size);
		limit = read_limit(path);
		least = limit < least ? limit : least;
		if (end == top)
			return least;
		do
			end--;
		while (path[end] != '/');
	}
}

/* A line is NUMBER:CONTROLLERS:PATH; version 2 has number 0 and no controllers. */
static size_t limit_of_line(const char *line, size_t length)
{
	static const char unified[] = "0::", memory[] = ":memory:";
	const char *group = memchr(line, '/', length);

	if (group == NULL)
		return SIZE_MAX;
	length -= (size_t)(group - line);
	if (strncmp(line, unified, strlen(unified)) == 0)
		return least_limit("/sys/fs/cgroup", group, length, "/memory.max");
	if ((size_t)(group - line) > strlen(memory) && strncmp(group - strlen(memory), memory, strlen(memory)) == 0)
		return least_limit("/sys/fs/cgroup/memory", group, length, "/memory.limit_in_bytes");
	return SIZE_MAX;
}

size_t cgroup_memory_limit(void)
{
	char list[LIST_SIZE];
	size_t least = SIZE_MAX;

	if (!os_read_file("/proc/self/cgroup", list, sizeof(list)))
		return SIZE_MAX;
	for (const char *line = list, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		size_t limit = limit_of_line(line, (size_t)(end - line));

		least = limit < least ? limit : least;
	}
	return least;
}
