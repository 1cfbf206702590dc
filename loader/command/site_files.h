/* SPDX-License-Identifier: MIT */
/* Which files of a command will bring libhakmem along, as far as that is known before it runs, for --alloc-sites. */
#ifndef SITE_FILES_H
#define SITE_FILES_H

#include "command/options.h"
#include "trace/tracer.h"

/* Has their probes set, if sites are wanted: the files that are met later come when they are mapped. Says so when there
 * is none. preload: a path, or NULL. */
void site_files_expect(struct tracer *tracer, const struct options *options, const char *preload);

/* The same of the processes that are to be attached to, as far as their numbers are given. */
void site_files_expect_running(struct tracer *tracer, const struct wanted *wanted);

#endif
