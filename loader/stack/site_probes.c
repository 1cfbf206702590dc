// SPDX-License-Identifier: MIT
#include "stack/site_probes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/libbpf.h>

#include "symbol/elf_probe.h"
#include "trace.skel.h"

#define FILES_MOST 64
#define PROVIDER   "hakmem"
#define LIBRARY    "libhakmem"

struct probed {
	dev_t device;
	ino_t inode;
	char *name;
	struct bpf_link *fresh, *reused;
};

struct site_probes {
	struct trace *skeleton;
	struct probed files[FILES_MOST];
	size_t count;
	bool reused_dropped;
	char problem[256];
};

struct site_probes *site_probes_new(struct trace *skeleton)
{
	struct site_probes *probes = calloc(1, sizeof(*probes));

	if (probes)
		probes->skeleton = skeleton;
	return probes;
}

void site_probes_free(struct site_probes *probes)
{
	if (!probes)
		return;
	site_probes_stop(probes);
	for (size_t i = 0; i < probes->count; i++)
		free(probes->files[i].name);
	free(probes);
}

/* NULL, and the problem is noted. */
static struct bpf_link *attach(
    struct site_probes *probes, const struct bpf_program *program, const char *path, const char *name)
{
	struct bpf_link *link = bpf_program__attach_usdt(program, -1, path, PROVIDER, name, NULL);

	if (!link)
		snprintf(
		    probes->problem, sizeof(probes->problem), "%.150s: hakmem:%s: %s", path, name, strerror(errno));
	return link;
}

void site_probes_file(struct site_probes *probes, const char *path, uint64_t inode)
{
	struct probed *file = &probes->files[probes->count];
	struct stat status;
	const char *slash;

	if (stat(path, &status) || !S_ISREG(status.st_mode) || (inode && status.st_ino != inode))
		return;
	for (size_t i = 0; i < probes->count; i++)
		if (probes->files[i].device == status.st_dev && probes->files[i].inode == status.st_ino)
			return;
	if (!elf_probe_find(path, PROVIDER, "fresh"))
		return;
	if (probes->count == FILES_MOST) {
		snprintf(probes->problem, sizeof(probes->problem), "%.150s: there are too many files", path);
		return;
	}
	slash = strrchr(path, '/');
	*file = (struct probed){.device = status.st_dev, .inode = status.st_ino};
	file->name = strdup(slash ? slash + 1 : path);
	if (!file->name)
		return;
	file->fresh = attach(probes, probes->skeleton->progs.site_fresh, path, "fresh");
	if (!file->fresh) {
		free(file->name);
		return;
	}
	if (!probes->reused_dropped)
		file->reused = attach(probes, probes->skeleton->progs.site_reused, path, "reused");
	probes->count++;
}

void site_probes_drop_reused(struct site_probes *probes)
{
	for (size_t i = 0; i < probes->count; i++) {
		bpf_link__destroy(probes->files[i].reused);
		probes->files[i].reused = NULL;
	}
	probes->reused_dropped = true;
}

void site_probes_stop(struct site_probes *probes)
{
	for (size_t i = 0; i < probes->count; i++) {
		bpf_link__destroy(probes->files[i].fresh);
		bpf_link__destroy(probes->files[i].reused);
		probes->files[i].fresh = probes->files[i].reused = NULL;
	}
}

size_t site_probes_count(const struct site_probes *probes)
{
	return probes->count;
}

bool site_probes_has(const struct site_probes *probes, const char *name, bool *whole)
{
	for (size_t i = 0; i < probes->count; i++) {
		if (strcmp(probes->files[i].name, name) != 0)
			continue;
		*whole = !strncmp(name, LIBRARY, strlen(LIBRARY));
		return true;
	}
	return false;
}

const char *site_probes_problem(const struct site_probes *probes)
{
	return *probes->problem ? probes->problem : NULL;
}
