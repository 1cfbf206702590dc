/* SPDX-License-Identifier: MIT */
/* What terminfo knows of a kind of terminal. Apart from terminal.c, because its header makes macros of common words. */
#ifndef TERMINAL_TYPE_H
#define TERMINAL_TYPE_H

#include <stddef.h>

/* Why a terminal of that name can't be used, as the end of a sentence; NULL: it can. */
const char *terminal_type_problem(const char *name, int descriptor);

/* The bytes that leave its own screen for the user's, with a cursor, of the terminal that was last asked about. */
size_t terminal_type_tidying(char *bytes, size_t room);

#endif
