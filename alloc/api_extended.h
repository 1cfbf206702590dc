/* SPDX-License-Identifier: MIT */
/* jemalloc's extended interface, as jemalloc(3) has it; api_extended.c says why it is here. */
#ifndef HAKMEM_API_EXTENDED_H
#define HAKMEM_API_EXTENDED_H

#include <stddef.h>

void *mallocx(size_t size, int flags);
void *rallocx(void *pointer, size_t size, int flags);
size_t xallocx(void *pointer, size_t size, size_t extra, int flags);
size_t sallocx(const void *pointer, int flags);
void dallocx(void *pointer, int flags);
void sdallocx(void *pointer, size_t size, int flags);
size_t nallocx(size_t size, int flags);

#endif
