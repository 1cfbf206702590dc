/* SPDX-License-Identifier: MIT */
/*
 * What a line `expect` of a claim file asks of an arm: "wall_s 1.10-1.15x faster", "faults at most 0.8x",
 * "wall_s within 2 %", "peak_rss_bytes at most 4 MiB", "zeroing 10-13 %".
 */
#ifndef CLAIM_EXPECT_H
#define CLAIM_EXPECT_H

#include <stddef.h>

#include "snapshot/claim.h"

#define CLAIM_EXPECT_ERROR 256

/* Set the part's kind, sense, measure or share, and what is expected. 0, or -1 with what is wrong in error. */
int claim_expect_parse(struct claim_part *part, const char *text, char error[CLAIM_EXPECT_ERROR]);

#endif
