// SPDX-License-Identifier: MIT
#include "command/follow.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"

void follow_remember(struct target_signals *signals)
{
	struct sigaction action;

	sigprocmask(SIG_BLOCK, NULL, &signals->mask);
	sigaction(SIGCHLD, NULL, &action);
	signals->child = action.sa_handler;
	sigaction(SIGPIPE, NULL, &action);
	signals->pipe = action.sa_handler;
}

int follow_let_go(struct target *target, const char *name)
{
	int code = target_go(target);

	if (!code)
		return -1;
	complain(
	    "can't execute %s: %s", name, code == ENOENT && !strchr(name, '/') ? "command not found" : strerror(code));
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}
