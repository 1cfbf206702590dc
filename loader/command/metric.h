/* SPDX-License-Identifier: MIT */
/* A number in what a command prints, by a regular expression. */
#ifndef METRIC_H
#define METRIC_H

#include <regex.h>

#define METRIC_ERROR 256

/* 0, or -1 with a line in error. regfree() what came out. */
int metric_compile(regex_t *expression, const char *text, char error[METRIC_ERROR]);

/*
 * The number in the last match: in its first group, or in all of it where there is no group. Commas between digits are
 * passed over. 0, or -1 with a line in error.
 */
int metric_find(const regex_t *expression, const char *text, double *number, char error[METRIC_ERROR]);

#endif
