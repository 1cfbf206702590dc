/* SPDX-License-Identifier: MIT */
/*
 * A process that does nothing but measured runs. It is forked before much is in memory and stays small: what a launcher
 * has is the least that a command can show as its peak, and ours grows with every report that is read.
 */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include <stddef.h>
#include <sys/types.h>

#include "run/measured_run.h"

struct launcher {
	pid_t pid;
	int socket;
};

/* Fork it, with the runs that it may be asked for. It ends when we do. 0, or -1 with errno set. */
int launcher_start(struct launcher *launcher, const struct measured_options *runs);

/* Have run number `index` done. 0, or -1 when the launcher is gone. */
int launcher_run(struct launcher *launcher, size_t index, struct measured_run *run);

/* Kill what is running; it is then reported as interrupted, and so is every later run. A signal handler may call it. */
void launcher_interrupt(const struct launcher *launcher);

void launcher_stop(struct launcher *launcher);

#endif
