/* SPDX-License-Identifier: MIT */
/*
 * The screen (screen.h) with a thread of its own: a terminal that nobody reads any more, or slowly, is waited for
 * there, and whoever traces never is. Of what is shown meanwhile only the last comes on the screen.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "live/screen.h"

struct terminal;

/* NULL with a line in error. */
struct terminal *terminal_open(char error[SCREEN_ERROR]);

/* The terminal is as it was, or nobody reads it and it will be when we end. NULL is none. */
void terminal_close(struct terminal *terminal);

/* Readable when there are keys, or the size has changed. */
int terminal_descriptor(const struct terminal *terminal);

void terminal_size(struct terminal *terminal, size_t *lines, size_t *columns);
bool terminal_ascii(const struct terminal *terminal);

/* As screen_key(). */
int terminal_key(struct terminal *terminal);

/* The canvas becomes the terminal's. */
void terminal_show(struct terminal *terminal, struct canvas *canvas);
void terminal_redraw(struct terminal *terminal);

#endif
