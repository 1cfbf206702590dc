/* SPDX-License-Identifier: MIT */
/*
 * The allocator that an experiment about libhakmem's variables is about: preloaded libhakmem, another library that
 * understands them, or what the command has in its own file. An experiment in which none of these has a part would
 * compare a program with itself, and find nothing.
 */
#ifndef SUBJECT_LIBRARY_H
#define SUBJECT_LIBRARY_H

#include "snapshot/experiment.h"

/*
 * What to preload, as the arms shall name it; NULL: nothing, for the command has libhakmem. `given`: what --preload
 * said, or NULL. 0, or -1 after complaining: there is no such library, it never names the variable, or nothing can be
 * preloaded into the command.
 */
int subject_library_find(const char *variable, const char *given, const char *command, const char **preload);

/* Do the traced runs show that the command allocated from it? 0, also when there are none; -1 after complaining. */
int subject_library_check(const struct experiment *experiment);

/* Does a command use the uninitialized pools of hakmem.h? */
enum pools {
	POOLS_UNUSED,
	POOLS_USED,    /* it imports them */
	POOLS_NAMED,   /* its file has their names, so it may look them up */
	POOLS_UNKNOWN, /* libhakmem is a part of it: who calls what can't be seen */
};

enum pools subject_library_pools(const char *command);

#endif
