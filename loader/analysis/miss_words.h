/* SPDX-License-Identifier: MIT */
/* The answer in sentences: whose the misses are, and whether they come from libhakmem's SuperSlabs. */
#ifndef MISS_WORDS_H
#define MISS_WORDS_H

#include <stdio.h>

#include "snapshot/misses.h"

void miss_words_write(const struct misses *misses, FILE *file);

#endif
