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

#endif
