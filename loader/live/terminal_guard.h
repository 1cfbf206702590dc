/* SPDX-License-Identifier: MIT */
/*
 * Somebody who tidies the terminal when we can't: a process of its own that holds nothing but the terminal and a pipe
 * from us. When that closes without a word, as it does when we are killed, it puts the terminal back as it was.
 */
#ifndef TERMINAL_GUARD_H
#define TERMINAL_GUARD_H

#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

struct terminal_guard {
	pid_t pid;
	int pipe;
};

/*
 * The terminal is to be put back to this, after these bytes have been written to it. 0, or -1 with errno: then there is
 * none, and all else goes on.
 */
int terminal_guard_start(
    struct terminal_guard *guard, int terminal, const struct termios *modes, const char *bytes, size_t size);

/* We have tidied up ourselves. */
void terminal_guard_dismiss(struct terminal_guard *guard);

#endif
