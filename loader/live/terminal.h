/* SPDX-License-Identifier: MIT */
/*
 * The user's terminal (/dev/tty, whatever our standard streams are): shows a canvas, gives keys. The only file that
 * knows of ncurses. However we end, the terminal is put back as it was: by terminal_close(), else by a guard.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "live/canvas.h"

struct terminal;

#define TERMINAL_ERROR 200

/* There is a terminal that could be opened. False with a line in error that says what is wrong and what to do. */
bool terminal_usable(char error[TERMINAL_ERROR]);

/* NULL with a line in error. */
struct terminal *terminal_open(char error[TERMINAL_ERROR]);
void terminal_close(struct terminal *terminal); /* NULL is none */

/* Readable when there are keys, or the size has changed. */
int terminal_descriptor(const struct terminal *terminal);

void terminal_size(const struct terminal *terminal, size_t *lines, size_t *columns);
bool terminal_ascii(const struct terminal *terminal);

/* The next key as dashboard_key() takes it; -1: none for now, and the size may have changed; -2: the terminal is gone.
 */
int terminal_key(struct terminal *terminal);

void terminal_show(struct terminal *terminal, const struct canvas *canvas);

/* Paint everything anew at the next terminal_show(): somebody else has written to it. */
void terminal_redraw(struct terminal *terminal);

#endif
