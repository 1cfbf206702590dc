/* SPDX-License-Identifier: MIT */
/*
 * Marks: what hardened mode writes wherever the program must not write, behind each block and all over a freed one. A
 * mark depends on the process's secret and on its address, so that none can be copied from elsewhere; none is a zero
 * byte, which is what programs write by mistake most often; and eight of them are no address that can be followed.
 */
#ifndef HAKMEM_HARDENED_MARKS_H
#define HAKMEM_HARDENED_MARKS_H

#include "common.h"

void marks_start(uint64_t secret);
void marks_write(char *start, const char *end);
/* The first byte that is not its mark, or NULL. */
const char *marks_find_damage(const char *start, const char *end);
/* The first byte that is not zero, or NULL; of whole words. */
const char *marks_find_nonzero(const char *start, const char *end);

#endif
