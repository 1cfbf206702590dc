/* SPDX-License-Identifier: MIT */
/*
 * The user's terminal (/dev/tty, whatever our standard streams are), through ncurses: shows a canvas, gives keys. With
 * terminal_type.c all that knows of ncurses, which is one thread's at a time. However we end, the terminal is put back
 * as it was: by screen_close(), else by a guard.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "live/canvas.h"

struct screen;

#define SCREEN_ERROR 200

/* There is a terminal that could be opened. False with a line in error that says what is wrong and what to do. */
bool screen_usable(char error[SCREEN_ERROR]);

/* NULL with a line in error. */
struct screen *screen_open(char error[SCREEN_ERROR]);
void screen_close(struct screen *screen); /* NULL is none */

/* Readable when there are keys, or the size has changed. */
int screen_descriptor(const struct screen *screen);

void screen_size(const struct screen *screen, size_t *lines, size_t *columns);
bool screen_ascii(const struct screen *screen);

/* The next key as dashboard_key() takes it; -1: none for now, and the size may have changed; -2: the terminal is gone.
 */
int screen_key(struct screen *screen);

void screen_show(struct screen *screen, const struct canvas *canvas);

/* Paint everything anew at the next screen_show(): somebody else has written to it. */
void screen_redraw(struct screen *screen);

/* From another thread: forget what was to be written and is not read, so that whoever waits to write it goes on. */
void screen_forget(const struct screen *screen);

#endif
