// SPDX-License-Identifier: MIT
/*
 * Takes a Unix socket's name away when its server ends, however it does. The server itself can't: it is nobody by then,
 * and may write to nothing. So a small process waits for the server's end with nothing open but a socket to it.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/listen.h"

/* Does not return. The name is taken away only if it is still that of the same socket. */
static void wait_for_end(const struct listen_address *address, int server)
{
	struct stat ours, now;
	bool known = !lstat(address->path, &ours);
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, "hakmem-guard");
	dup2(server, 0);
	close_range(1, ~0U, 0);
	while (read(0, &byte, 1) > 0)
		;
	if (known && !lstat(address->path, &now) && now.st_ino == ours.st_ino && now.st_dev == ours.st_dev)
		unlink(address->path);
	_exit(0);
}

int listen_guard(const struct listen_address *address)
{
	int ends[2];
	pid_t between;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	/* Two forks: nobody has to wait for it. */
	between = fork();
	if (!between) {
		close(ends[0]);
		if (!fork())
			wait_for_end(address, ends[1]);
		_exit(0);
	}
	if (between > 0)
		waitpid(between, NULL, 0);
	close(ends[1]);
	return ends[0];
}

void listen_unguard(int guard)
{
	char byte;

	if (guard < 0)
		return;
	shutdown(guard, SHUT_WR);
	while (read(guard, &byte, 1) > 0)
		;
	close(guard);
}
