/* SPDX-License-Identifier: MIT */
/* Parts of the dashboard's screen, a file each, for dashboard.c: from a line on, in so many lines. */
#ifndef DASHBOARD_PAGES_H
#define DASHBOARD_PAGES_H

#include "live/dashboard.h"

#define HEAD_LINES 3

void dashboard_head(const struct scene *scene, const struct dashboard *dashboard, struct canvas *canvas);
void dashboard_help(struct canvas *canvas, size_t line, size_t lines);
void dashboard_spaces(
    struct dashboard *dashboard, const struct scene *scene, struct canvas *canvas, size_t line, size_t lines);

/* Behind what the text is already, as far as there is room. */
void dashboard_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
