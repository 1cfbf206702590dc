/* SPDX-License-Identifier: MIT */
/*
 * A snapshot in words: whose the faults are, what that means, and what the best possible change could gain.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdio.h>

#include "snapshot/snapshot.h"

/* A paragraph of a few lines that starts with "In words:". Says nothing that the figures don't carry. */
void words_write(const struct snapshot *snapshot, FILE *file);

#endif
