/* SPDX-License-Identifier: MIT */
/* Runs out of files that hakmem-trace has written. */
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include <stddef.h>

#include "snapshot/snapshot.h"

struct run_list {
	struct snapshot **runs;
	size_t count;
};

/* Those of a JSON report, of which there is one, or all of a recording, at the end of the list. 0, or -1 after
 * complaining. */
int run_files_read(const char *path, struct run_list *into);

void run_files_free(struct run_list *list);

#endif
