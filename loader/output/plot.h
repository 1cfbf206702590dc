/* SPDX-License-Identifier: MIT */
/*
 * Plots of one measure as SVG within a page: every run a dot. Colours are the page's: class a0 is the first arm, and so
 * on (ARM_CLASSES of them, then again).
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdio.h>

#include "snapshot/experiment.h"

#define ARM_CLASSES 10

/* Text into HTML or SVG: what has a meaning there is escaped, what is no valid UTF-8 or a control character replaced.
 */
void plot_text(const char *text, FILE *file);

/* A row an arm: its runs, their quartiles and median. */
void plot_arms(const struct experiment *experiment, enum measure measure, FILE *file);

/* The same runs in order of time, with the traced runs in between as shades: drift shows here. */
void plot_time(const struct experiment *experiment, enum measure measure, FILE *file);

/* Of every measure and arm the ratio to the first arm, with its interval. */
void plot_ratios(const struct experiment *experiment, FILE *file);

#endif
