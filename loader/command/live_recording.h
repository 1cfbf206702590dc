/* SPDX-License-Identifier: MIT */
/* A recorded run (hakmem-trace record) in a live view, as if it had just ended. */
#ifndef LIVE_RECORDING_H
#define LIVE_RECORDING_H

#include "command/live.h"

/* Whether this command line is a recording's name, and no command. */
bool live_is_recording(char *const *command);

/* Show the last run of the recording that options->command names, until the view is closed. The exit status. */
int live_show_recording(struct live *live, struct options *options);

#endif
