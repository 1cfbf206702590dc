/* SPDX-License-Identifier: MIT */
#ifndef GZIP_H
#define GZIP_H

#include <stddef.h>
#include <stdio.h>

/* Write these bytes as a whole gzip file. 0, or -1 with errno set. */
int gzip_write(const void *bytes, size_t size, FILE *file);

#endif
