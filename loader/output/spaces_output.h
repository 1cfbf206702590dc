/* SPDX-License-Identifier: MIT */
/* Outputs of address spaces: snapshot/spaces.h in, bytes out. */
#ifndef SPACES_OUTPUT_H
#define SPACES_OUTPUT_H

#include <stdio.h>

#include "snapshot/spaces.h"

struct spaces_output {
	const char *name;                                      /* as --format has it */
	int (*write)(const struct spaces *spaces, FILE *file); /* 0, or -1 with errno set */
};

extern const struct spaces_output spaces_outputs[]; /* ends with a row without a name; the first is the default */

int spaces_table(const struct spaces *spaces, FILE *file);
int spaces_json(const struct spaces *spaces, FILE *file); /* schema hakmem-spaces/1: docs/json.md */

/* What GET /api/spaces answers: the array of processes alone. A fresh string, NULL when out of memory. */
char *spaces_json_processes(const struct spaces *spaces);

#endif
