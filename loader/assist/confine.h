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

/* What is kept, as a sum. */
enum confine_keep {
	CONFINE_COUNTS = 1, /* BPF programs and events of the kernel's */
	CONFINE_READS = 2,  /* other users' processes */
	CONFINE_KILLS = 4,  /* signals to them */
};

/*
 * The calling thread becomes that user and keeps the capabilities for what it goes on with. All other threads become
 * the user and keep none. Who is not root stays who they are. Then, for all threads and those to come: no new
 * privileges, no core dumps and no ptrace of us, and no system call that writes to files or other processes or starts
 * programs. *filtered: the kernel has filters of system calls. 0, or -1 with a line in error.
 */
int confine(const struct confine_user *user, unsigned int keep, bool *filtered, char error[CONFINE_ERROR]);

#endif
