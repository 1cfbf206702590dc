// SPDX-License-Identifier: MIT
/*
 * Another tool that reads hakmem's USDT probes, by libbpf's own reading of their notes: runs a command, and prints a
 * line for each probe that it hits.
 *
 *   probes LIBRARY PROGRAM COMMAND [ARGUMENT...]   range_add and range_del of LIBRARY, mark of PROGRAM; -: of none
 *   probes +NAME[,NAME] LIBRARY COMMAND [ARGUMENT...]   of LIBRARY's fresh and reused those that are named
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes.h"
#include "probes.skel.h"

static int print(void *context, void *data, size_t size)
{
	static const char *const names[] = {[SEEN_ADD] = "range_add",
	    [SEEN_DEL] = "range_del",
	    [SEEN_MARK] = "mark",
	    [SEEN_FRESH] = "fresh",
	    [SEEN_REUSED] = "reused"};
	const struct seen *seen = data;

	(void)context;
	(void)size;
	if (seen->what == SEEN_MARK)
		printf("mark %s\n", seen->name);
	else if (seen->what == SEEN_FRESH || seen->what == SEEN_REUSED)
		printf("%s 0x%lx %lu\n", names[seen->what], seen->argument[0], seen->argument[1]);
	else
		printf("%s 0x%lx %lu %lu %lu\n", names[seen->what], seen->argument[0], seen->argument[1],
		    seen->argument[2], seen->argument[3]);
	return 0;
}

static int attach(struct bpf_program *program, struct bpf_link **link, const char *file, const char *name)
{
	if (!strcmp(file, "-"))
		return 0;
	*link = bpf_program__attach_usdt(program, -1, file, "hakmem", name, NULL);
	if (*link)
		return 0;
	fprintf(stderr, "probes: can't attach to %s of %s\n", name, file);
	return -1;
}

static int attach_all(struct probes *skeleton, const char *first, const char *second)
{
	bool fresh = strstr(first, "fresh"), reused = strstr(first, "reused");

	if (first[0] == '+')
		return attach(skeleton->progs.fresh, &skeleton->links.fresh, fresh ? second : "-", "fresh") ||
		       attach(skeleton->progs.reused, &skeleton->links.reused, reused ? second : "-", "reused");
	return attach(skeleton->progs.range_add, &skeleton->links.range_add, first, "range_add") ||
	       attach(skeleton->progs.range_del, &skeleton->links.range_del, first, "range_del") ||
	       attach(skeleton->progs.mark, &skeleton->links.mark, second, "mark");
}

int main(int count, char **arguments)
{
	struct probes *skeleton = count > 3 ? probes__open_and_load() : NULL;
	struct ring_buffer *ring;
	int status;
	pid_t child;

	if (!skeleton) {
		fprintf(stderr, "probes: usage: probes LIBRARY PROGRAM COMMAND...; or BPF does not work here\n");
		return 2;
	}
	ring = ring_buffer__new(bpf_map__fd(skeleton->maps.seen), print, NULL, NULL);
	if (!ring || attach_all(skeleton, arguments[1], arguments[2]))
		return 2;
	child = fork();
	if (!child) {
		execvp(arguments[3], arguments + 3);
		_exit(127);
	}
	while (!waitpid(child, &status, WNOHANG))
		ring_buffer__poll(ring, 20);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	if (skeleton->bss->lost)
		fprintf(stderr, "probes: lost %lu\n", skeleton->bss->lost);
	probes__destroy(skeleton);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
