// SPDX-License-Identifier: MIT
/* A list of links. */
#include "trace/links.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/libbpf.h>

int links_add(struct links *links, struct bpf_link *link)
{
	if (!link)
		return -1;
	if (links->count == LINKS_MOST) {
		bpf_link__destroy(link);
		errno = E2BIG;
		return -1;
	}
	links->link[links->count++] = link;
	return 0;
}

int links_add_event(struct links *links, struct bpf_program *program, int descriptor)
{
	struct bpf_link *link = bpf_program__attach_perf_event(program, descriptor);
	int error = errno;

	if (!link)
		close(descriptor);
	errno = error;
	return links_add(links, link);
}

void links_close(struct links *links)
{
	while (links->count)
		bpf_link__destroy(links->link[--links->count]);
}
