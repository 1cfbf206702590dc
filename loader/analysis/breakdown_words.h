/* SPDX-License-Identifier: MIT */
/* A breakdown in words. */
#ifndef BREAKDOWN_WORDS_H
#define BREAKDOWN_WORDS_H

#include <stdio.h>

#include "snapshot/breakdown.h"

/* A paragraph that starts with "In words:". Says nothing that the figures don't carry. */
void breakdown_words(const struct breakdown *breakdown, FILE *file);

#endif
