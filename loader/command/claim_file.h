/* SPDX-License-Identifier: MIT */
/*
 * A claim that is written down: one keyword and its values a line (docs/validate.md).
 *
 *     claim     Keeping freed pages makes bursts faster.
 *     arm       eager HAKMEM_ZERO=eager
 *     arm       keep HAKMEM_ZERO=keep
 *     preload   hakmem
 *     runs      10
 *     command   build/bench/burst 16 1024 8 20
 *     expect    keep wall_s at least 1.1x faster
 *     expect    keep faults at most 0.5x: it takes half of the faults at most
 */
#ifndef CLAIM_FILE_H
#define CLAIM_FILE_H

#include "snapshot/claim.h"

#define CLAIM_FILE_ERROR 512

/* NULL with a line in error that begins with the name and the line's number: what is wrong there, and what is wanted.
 */
struct claim *claim_file_parse(const char *name, const char *text, char error[CLAIM_FILE_ERROR]);

/* The same of a file. */
struct claim *claim_file_read(const char *path, char error[CLAIM_FILE_ERROR]);

#endif
