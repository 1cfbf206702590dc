/* SPDX-License-Identifier: MIT */
/* Outputs of `hakmem-trace misses`: its model in, bytes out. */
#ifndef MISSES_OUTPUT_H
#define MISSES_OUTPUT_H

#include <stdio.h>

#include "snapshot/misses.h"

struct misses_output {
	const char *name;                                      /* as --format has it */
	int (*write)(const struct misses *misses, FILE *file); /* 0, or -1 with errno set */
};

extern const struct misses_output misses_outputs[]; /* ends with a row without a name; the first is the default */

int misses_table(const struct misses *misses, FILE *file);
int misses_json(const struct misses *misses, FILE *file); /* schema hakmem-misses/1: docs/misses.md */
int misses_csv(const struct misses *misses, FILE *file);

#endif
