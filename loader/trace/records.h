/* SPDX-License-Identifier: MIT */
/* All that an iterator program writes, as an array of records. */
#ifndef RECORDS_H
#define RECORDS_H

#include <stddef.h>
#include <sys/types.h>

#include "trace/tracer.h"

struct records {
	char *bytes; /* the caller frees them */
	size_t size;
};

/* process: only of its tasks, where the kernel has that; 0: of all. 0, or -1 with errno. */
int records_read(struct records *records, const struct bpf_program *program, pid_t process);

#endif
