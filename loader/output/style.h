/* SPDX-License-Identifier: MIT */
/*
 * Colours of tables. Whether there are any is said once a process, by who knows where the report goes (command/): an
 * output is the same bytes with and without, but for the escape sequences between cells.
 */
#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>
#include <stdio.h>

enum style {
	STYLE_HEAD,  /* what columns are called */
	STYLE_MAIN,  /* what a line is about */
	STYLE_FAINT, /* what may be passed over */
	STYLE_WARN,  /* what the reader must know */
	STYLE_MORE,  /* grew */
	STYLE_LESS,  /* shrank */
};

void styles_use(bool colours); /* at first there are none */

void style_begin(enum style style, FILE *file);
void style_end(FILE *file);

#endif
