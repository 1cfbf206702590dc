// SPDX-License-Identifier: MIT
/* A folder's inode number is its group's id. See cgroup_names.h. */
#include "machine/cgroup_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snapshot/room.h"

#define LEVELS_MOST 32
#define NAMES_MOST  65536

static bool same_id(const void *context, uint32_t entry, const void *key)
{
	const struct cgroup_names *names = context;

	return names->names[entry].id == *(const uint64_t *)key;
}

static uint32_t find(const struct cgroup_names *names, uint64_t id)
{
	return lookup_find(&names->by_id, lookup_hash(LOOKUP_START, &id, sizeof(id)), same_id, names, &id);
}

/* Where there is no memory for it the id stays unknown. */
static void learn(struct cgroup_names *names, uint64_t id, const char *path)
{
	if (find(names, id) != LOOKUP_NONE || names->count >= NAMES_MOST ||
	    room_for_one(&names->names, &names->room, names->count, sizeof(*names->names)) ||
	    lookup_add(&names->by_id, lookup_hash(LOOKUP_START, &id, sizeof(id)), names->count))
		return;
	names->names[names->count++] = (struct cgroup_name){.id = id, .path = path ? strdup(path) : NULL};
}

static void look_into(struct cgroup_names *names, int folder, char path[PATH_MAX], int level)
{
	DIR *entries = fdopendir(folder);
	size_t length = strlen(path);
	struct dirent *entry;

	if (!entries) {
		close(folder);
		return;
	}
	while ((entry = readdir(entries))) {
		int below;

		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    length + strlen(entry->d_name) + 2 > PATH_MAX)
			continue;
		sprintf(path + length, "/%s", entry->d_name);
		learn(names, entry->d_ino, path);
		below = level < LEVELS_MOST ? openat(dirfd(entries), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		                            : -1;
		if (below >= 0)
			look_into(names, below, path, level + 1);
		path[length] = '\0';
	}
	closedir(entries);
}

/* The first one that is mounted; 0, or -1 when there is none. "36 35 98:0 / /mnt rw - cgroup2 ...". */
static int find_root(char root[PATH_MAX])
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	int result = -1;

	while (mounts && result && getline(&line, &size, mounts) > 0) {
		const char *type = strstr(line, " - ");

		if (type && !strncmp(type, " - cgroup2 ", 11) && sscanf(line, "%*s %*s %*s %*s %4095s", root) == 1)
			result = 0;
	}
	free(line);
	if (mounts)
		fclose(mounts);
	return result;
}

static void look(struct cgroup_names *names)
{
	char root[PATH_MAX], path[PATH_MAX] = "";
	struct dirent *entry;
	DIR *entries;

	if (find_root(root) || !(entries = opendir(root)))
		return;
	while ((entry = readdir(entries)))
		if (!strcmp(entry->d_name, "."))
			learn(names, entry->d_ino, "/");
	closedir(entries);
	look_into(names, open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, 0);
}

void cgroup_names_refresh(struct cgroup_names *names)
{
	names->looked = false;
}

const char *cgroup_name(struct cgroup_names *names, uint64_t id)
{
	uint32_t entry = find(names, id);

	if (!id)
		return NULL;
	if (entry == LOOKUP_NONE && !names->looked) {
		names->looked = true;
		look(names);
		learn(names, id, NULL); /* unless it was found: not looked for again */
		entry = find(names, id);
	}
	return entry == LOOKUP_NONE ? NULL : names->names[entry].path;
}

void cgroup_names_free(struct cgroup_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i].path);
	free(names->names);
	lookup_free(&names->by_id);
	*names = (struct cgroup_names){};
}
