/* SPDX-License-Identifier: MIT */
/* How far an experiment is, on stderr: a bar where that is a terminal, else a line now and then. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "command/experiment.h"

struct progress_bar {
	bool terminal;
	bool shown; /* there is something to erase */
	uint64_t last_ns;
};

void progress_start(struct progress_bar *bar);
void progress_show(struct progress_bar *bar, const struct progress *progress);

/* Before anything else is written. */
void progress_erase(struct progress_bar *bar);

#endif
