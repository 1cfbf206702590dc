/* SPDX-License-Identifier: MIT */
/*
 * The head of the table: what was run, how it was measured, what can't be measured here, and the answer in one line.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stdio.h>

#include "output/lines.h"
#include "snapshot/snapshot.h"

void header_write(const struct snapshot *snapshot, FILE *file);
void answer_write(const struct snapshot *snapshot, FILE *file);

/* What was traced, in printable words; a fresh string, or NULL. */
char *header_target(const struct snapshot *snapshot);

/* "exit 0 in 12.1 ms" */
#define HEADER_END 100
void header_end(const struct snapshot *snapshot, char text[HEADER_END]);

/* " (12 rows, 3 files)": of what something was lost; nothing when nothing was. */
#define HEADER_LOST 256
void header_lost(const struct snapshot *snapshot, char text[HEADER_LOST]);

#endif
