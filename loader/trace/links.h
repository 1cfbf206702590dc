/* SPDX-License-Identifier: MIT */
/* The hooks that BPF programs are attached to, all given up together. Functions return 0, or -1 with errno. */
#ifndef LINKS_H
#define LINKS_H

#include <stddef.h>

struct bpf_link;
struct bpf_program;

#define LINKS_MOST 192

struct links {
	struct bpf_link *link[LINKS_MOST];
	size_t count;
};

/* Takes a link, or NULL from an attachment that failed, which is passed on. E2BIG: there is no room for another. */
int links_add(struct links *links, struct bpf_link *link);

/* Attaches a program to a perf event, whose descriptor is the link's, or closed, from now on. */
int links_add_event(struct links *links, struct bpf_program *program, int descriptor);

void links_close(struct links *links);

#endif
