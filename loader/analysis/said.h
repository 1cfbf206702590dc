/* SPDX-License-Identifier: MIT */
/* Figures as sentences have them. By value, so that several fit one format. */
#ifndef SAID_H
#define SAID_H

#include "snapshot/experiment.h"

#define SAID_SIZE 48

struct said {
	char text[SAID_SIZE];
};

struct said said_figure(enum unit unit, double value);                     /* "12.3 ms", "24.1 MiB", "6,151", "n/a" */
struct said said_ratio(double ratio);                                      /* "1.123", "0.0421", "n/a" */
struct said said_percent(double share);                                    /* "11.65 %", "0.42 %", "n/a" */
struct said said_ratios(const struct interval *interval);                  /* "1.10 to 1.15", "at least 1.1" */
struct said said_percents(const struct interval *interval);                /* "10 to 13 %", "at most 5 %" */
struct said said_figures(enum unit unit, const struct interval *interval); /* "12 ms to 13 ms" */

#endif
