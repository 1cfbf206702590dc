/* SPDX-License-Identifier: MIT */
/*
 * Figures about the whole process, put together when asked for: nothing is counted on the fast paths.
 */
#ifndef HAKMEM_STATS_H
#define HAKMEM_STATS_H

#include "hakmem.h"

void stats_collect(struct hakmem_statistics *statistics);
/* A table on standard error. */
void stats_print(void);

#endif
