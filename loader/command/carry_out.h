/* SPDX-License-Identifier: MIT */
/*
 * What compare and all that is built like it do with their options: open the report and the recording, show how far it
 * is, run the experiment, judge it, write the report.
 */
#ifndef CARRY_OUT_H
#define CARRY_OUT_H

#include <stdio.h>

#include "command/compare_options.h"

struct carrying {
	/* NULL, or what to exit with; EXIT_FAILED, after complaining, leaves no report. */
	int (*judge)(void *context, const struct experiment *experiment);
	/* 0, or -1 with errno set. */
	int (*write)(void *context, const struct experiment *experiment, FILE *file);
	void *context;
};

/* The status to exit with. What went wrong has been said. */
int carry_out(const struct compare_options *options, const struct carrying *carrying);

#endif
