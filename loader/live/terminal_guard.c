// SPDX-License-Identifier: MIT
/* See terminal_guard.h. */
#include "live/terminal_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Out of the way of what the terminal sends to its foreground, and of what is sent to us as a group. */
static void stand_apart(void)
{
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "hakmem-guard");
}

/* Only these two stay open, whatever the numbers: no BPF object must outlive us through it. */
static void hold_only(int *terminal, int *pipe)
{
	int one = fcntl(*terminal, F_DUPFD, 10), other = fcntl(*pipe, F_DUPFD, 10);

	if (one < 0 || other < 0 || dup2(one, 0) < 0 || dup2(other, 1) < 0)
		_exit(1);
	close_range(2, ~0u, 0);
	*terminal = 0;
	*pipe = 1;
}

static void keep_watch(int terminal, int pipe, const struct termios *modes, const char *bytes, size_t size)
{
	char word;
	ssize_t got;

	stand_apart();
	hold_only(&terminal, &pipe);
	do
		got = read(pipe, &word, 1);
	while (got < 0 && errno == EINTR);
	if (got == 0) {
		/* Where nobody reads, nothing is left to tidy. */
		fcntl(terminal, F_SETFL, O_NONBLOCK);
		tcsetattr(terminal, TCSANOW, modes);
		got = write(terminal, bytes, size);
	}
	_exit(got < 0);
}

int terminal_guard_start(
    struct terminal_guard *guard, int terminal, const struct termios *modes, const char *bytes, size_t size)
{
	int ends[2];

	*guard = (struct terminal_guard){.pipe = -1};
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	guard->pid = fork();
	if (!guard->pid) {
		close(ends[1]);
		keep_watch(terminal, ends[0], modes, bytes, size);
	}
	close(ends[0]);
	if (guard->pid < 0) {
		close(ends[1]);
		return -1;
	}
	guard->pipe = ends[1];
	return 0;
}

void terminal_guard_dismiss(struct terminal_guard *guard)
{
	if (guard->pipe < 0)
		return;
	while (write(guard->pipe, "", 1) < 0 && errno == EINTR)
		;
	close(guard->pipe);
	guard->pipe = -1;
	while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
