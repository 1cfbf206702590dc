// SPDX-License-Identifier: MIT
/* A socket of which each message is a number, or a run's figures. See launcher.h. */
#include "run/launcher.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_signal(int number)
{
	(void)number;
	measured_run_interrupt();
}

static _Noreturn void serve(int socket, const struct measured_options *runs, pid_t parent)
{
	static const int passed_over[] = {SIGINT, SIGQUIT, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal};
	struct measured_run run;
	size_t index;

	/* What a terminal sends is for our parent to take, and the command gets the defaults back by its exec. */
	setpgid(0, 0);
	signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
	for (size_t i = 0; i < sizeof(passed_over) / sizeof(passed_over[0]); i++)
		sigaction(passed_over[i], &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	for (;;) {
		ssize_t got = recv(socket, &index, sizeof(index), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got != sizeof(index))
			_exit(0);
		measured_run(&runs[index], &run);
		if (send(socket, &run, sizeof(run), MSG_NOSIGNAL) != sizeof(run))
			_exit(1);
	}
}

int launcher_start(struct launcher *launcher, const struct measured_options *runs)
{
	pid_t parent = getpid();
	int sockets[2];

	*launcher = (struct launcher){.socket = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -1;
	launcher->pid = fork();
	if (!launcher->pid) {
		close(sockets[0]);
		serve(sockets[1], runs, parent);
	}
	close(sockets[1]);
	if (launcher->pid < 0) {
		close(sockets[0]);
		return -1;
	}
	launcher->socket = sockets[0];
	return 0;
}

int launcher_run(struct launcher *launcher, size_t index, struct measured_run *run)
{
	ssize_t got;

	if (send(launcher->socket, &index, sizeof(index), MSG_NOSIGNAL) != sizeof(index))
		return -1;
	do
		got = recv(launcher->socket, run, sizeof(*run), 0);
	while (got < 0 && errno == EINTR);
	return got == sizeof(*run) ? 0 : -1;
}

void launcher_interrupt(const struct launcher *launcher)
{
	if (launcher->pid > 0)
		kill(launcher->pid, SIGTERM);
}

void launcher_stop(struct launcher *launcher)
{
	if (launcher->pid <= 0)
		return;
	close(launcher->socket);
	while (waitpid(launcher->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*launcher = (struct launcher){.socket = -1};
}
