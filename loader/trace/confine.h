/* SPDX-License-Identifier: MIT */
/*
 * Giving up what tracing needs no more once it goes on: root, and then the ways to change anything. docs/live.md says
 * what stays and why.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#define CONFINE_ERROR 256

struct confine_user {
	uid_t uid;
	gid_t gid;
};

/*
 * Who to become. `name`: a user's name, or NULL: who called sudo, or else nobody. 0, or -1 with a line in error.
 */
int confine_find_user(const char *name, struct confine_user *user, char error[CONFINE_ERROR]);

/*
 * Calls it in a thread without capabilities, which threads that it starts then don't have either: for who is not root,
 * whose threads confine() would leave as they are. Its value, or -1 with errno.
 */
int confine_call(int (*function)(void *context), void *context);

/*
 * The calling thread becomes that user and keeps, if it traces, the capabilities that tracing goes on with; `kills`:
 * and the one to send signals to somebody else's process. All other threads become the user and keep none. Who is not
 * root stays who they are. Then, for all threads and those to come: no new privileges, no core dumps and no ptrace of
 * us, and no system call that writes to files or other processes or starts programs. *filtered: the kernel has filters
 * of system calls. 0, or -1 with a line in error.
 */
int confine(const struct confine_user *user, bool traces, bool kills, bool *filtered, char error[CONFINE_ERROR]);

#endif
