// SPDX-License-Identifier: MIT
#include "command/run_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "recording/json_in.h"

/* The list's from here on. */
static int add(struct run_list *list, struct snapshot *run)
{
	struct snapshot **runs = reallocarray(list->runs, list->count + 1, sizeof(struct snapshot *));

	if (!runs) {
		complain("out of memory");
		snapshot_free(run);
		return -1;
	}
	list->runs = runs;
	runs[list->count++] = run;
	return 0;
}

static int read_report(const char *path, FILE *file, struct run_list *into)
{
	char error[JSON_IN_ERROR];
	struct snapshot *run = json_in_read(file, error);

	if (run)
		return add(into, run);
	complain("can't read %s: %s", path, error);
	return -1;
}

int run_files_read(const char *path, struct run_list *into)
{
	FILE *file = fopen(path, "re");
	int failed;

	if (!file) {
		complain("can't read %s: %s", path, strerror(errno));
		return -1;
	}
	failed = read_report(path, file, into);
	fclose(file);
	return failed;
}

void run_files_free(struct run_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		snapshot_free(list->runs[i]);
	free(list->runs);
}
