/* SPDX-License-Identifier: MIT */
/* Texts of anybody's, made printable and fitted into columns. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS 100 /* of a report's lines */

/* Cut to so many columns, and filled up with spaces. */
void columns_cell(const char *text, size_t columns, FILE *file);

/* Broken between words; the first line begins in column `indent` already, and later ones are indented so far. */
void columns_wrapped(const char *text, size_t indent, FILE *file);

#endif
