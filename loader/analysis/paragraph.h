/* SPDX-License-Identifier: MIT */
/* Sentences, one after the other, broken into lines of 100 columns. */
#ifndef PARAGRAPH_H
#define PARAGRAPH_H

#include <stddef.h>
#include <stdio.h>

struct paragraph {
	FILE *file;
	size_t column;
};

/* A sentence of at most 511 bytes. Control characters in it, and what is no UTF-8, become question marks. */
void say(struct paragraph *paragraph, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
