/* SPDX-License-Identifier: MIT */
/*
 * Building lines of text without allocating: printf may call malloc, and stdio may not be there yet or any more.
 */
#ifndef HAKMEM_TEXT_H
#define HAKMEM_TEXT_H

#include "common.h"

struct text {
	size_t length;
	char bytes[512]; /* what does not fit is cut off */
};

void text_string(struct text *text, const char *string);
void text_number(struct text *text, uint64_t number);
void text_hexadecimal(struct text *text, uint64_t number);
/* Pads with spaces up to a column, so that tables align. */
void text_column(struct text *text, size_t column);
/* A number that ends at a column. */
void text_number_to(struct text *text, uint64_t number, size_t column);
/* Writes to standard error and empties the text. */
void text_write_error(struct text *text);

#endif
