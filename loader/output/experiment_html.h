/* SPDX-License-Identifier: MIT */
/* An experiment's page for subcommands that have more to say than which arm is faster. */
#ifndef EXPERIMENT_HTML_H
#define EXPERIMENT_HTML_H

#include <stdio.h>

#include "snapshot/experiment.h"

/* What stands on the page in place of the experiment's own title and verdict. */
struct html_answer {
	const char *title;                              /* anybody's text: it is escaped */
	void (*write)(const void *context, FILE *file); /* HTML that needs no style but the page's */
	const void *context;
};

/* 0, or -1 with errno set. */
int experiment_html_with(const struct experiment *experiment, const struct html_answer *answer, FILE *file);

#endif
