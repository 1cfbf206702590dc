/* SPDX-License-Identifier: MIT */
/*
 * Where a report goes. The file is opened before the command runs, so that an unwritable one costs nobody a run; what
 * was there before stays until the report is complete, and a file that was made for nothing is removed again.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "command/view.h"
#include "output/output.h"

struct report {
	const char *path; /* NULL: stderr */
	int descriptor;
	bool created;
	size_t size; /* written so far */

	/* Set by who opened it. */
	const struct view *view;  /* NULL: all of the run, as the output has it */
	struct snapshot **slices; /* for rows by time */
	size_t slice_count;
};

/* 0, or -1 after complaining. path may be NULL or "-" (stdout). */
int report_open(struct report *report, const char *path);

/* The same for that output: what is binary goes to no terminal. */
int report_open_for(struct report *report, const char *path, const struct output *output);

/*
 * Write one of several parts; the file's earlier contents go with the first one. Of the snapshot stays what is to be
 * read. 0, or -1 after complaining.
 */
int report_add(struct report *report, const struct output *output, const struct output_options *options,
    struct snapshot *snapshot);

/* Write the whole, or the last part, and close. The same of the snapshot. 0, or -1 after complaining. */
int report_write(struct report *report, const struct output *output, const struct output_options *options,
    struct snapshot *snapshot);

/* The same of another report than a snapshot's. */
int report_write_text(struct report *report, const char *text, size_t size);

/* Under sudo, make a new file the property of who called it. */
void report_give_away(int descriptor);

/* There will be no report. */
void report_abandon(struct report *report);

#endif
