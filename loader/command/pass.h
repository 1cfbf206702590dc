/* SPDX-License-Identifier: MIT */
/* Standing between whoever started hakmem-trace and its command: signals go through to it, its end comes back. */
#ifndef PASS_H
#define PASS_H

#include <stdbool.h>
#include <sys/types.h>

#include "command/watch.h"

/* Take the signals that end us or mean something to the command one by one, so that none is lost. 0, or -1 with errno.
 */
int pass_open(struct watch *watch);

/* After WATCH_SIGNAL: what was sent to us is sent on. What a terminal sends it sends to the command as well, and what
 * the command itself sent is not its to get. True: somebody wants an end of everything (SIGTERM, SIGHUP, SIGQUIT). */
bool pass_signals(struct watch *watch, pid_t command);

/* End as the command did: returns its exit status, or doesn't return but by its signal. status: as wait4 gave it. */
int pass_end(int status);

#endif
