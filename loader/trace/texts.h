/* SPDX-License-Identifier: MIT */
/* What the rows of the BPF maps are told apart by, other than numbers: objects, phases and purgers, as they stand. */
#ifndef TEXTS_H
#define TEXTS_H

#include <stddef.h>
#include <linux/types.h>

#include "bpf/types.h"
#include "trace/object_names.h"

struct trace; /* the skeleton */

struct texts {
	struct object_names objects;
	struct phase_name phases[PHASES];
	__u32 order[PHASES]; /* of phases: as they begin */
	struct purger purgers[PURGERS];
};

/* 0, or -1 with errno. texts_free() in both cases, of one that was all zero. */
int texts_read(struct texts *texts, struct trace *skeleton);
void texts_free(struct texts *texts);

/* The name of a file's number, context: the texts; and what a call that purges is called. */
const char *texts_object(const void *context, size_t object);
const char *texts_purge(enum purge call);

#endif
