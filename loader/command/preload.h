/* SPDX-License-Identifier: MIT */
/* Which library to preload, and whether a command runs on libhakmem at all. */
#ifndef PRELOAD_H
#define PRELOAD_H

#include <limits.h>
#include <stdbool.h>

/* The path of what --preload names: "hakmem" is looked for beside this program. 0, or -1 after complaining. */
int preload_find(const char *name, char path[PATH_MAX]);

/* The file that execvp would execute for this command. */
bool command_file(const char *command, char path[PATH_MAX]);

/*
 * Would this command run on libhakmem: preloaded, or in its own file? Only such a command gets the extra environment
 * variable for the cost areas; every other one sees just the environment it would have had.
 */
bool command_uses_hakmem(const char *command, const char *preload);

#endif
