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

#endif
