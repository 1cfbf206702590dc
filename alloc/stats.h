/* SPDX-License-Identifier: MIT */
#ifndef HAKMEM_STATS_H
#define HAKMEM_STATS_H
void stats_print(void);
#endif
