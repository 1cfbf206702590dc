// SPDX-License-Identifier: MIT
#include "command/pass.h"

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int pass_open(struct watch *watch)
{
	static const int taken[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

	signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
	/* A reader of the report, or a command, that goes away is an error of that write, not our end. */
	signal(SIGPIPE, SIG_IGN);
	return watch_open(watch, taken, sizeof(taken) / sizeof(taken[0]));
}

bool pass_signals(struct watch *watch, pid_t command)
{
	struct signalfd_siginfo information;
	bool asked = false;

	while (read(watch->signals, &information, sizeof(information)) == sizeof(information)) {
		uint32_t number = information.ssi_signo;

		if (number == SIGCHLD)
			continue;
		asked |= number == SIGTERM || number == SIGHUP || number == SIGQUIT;
		if (information.ssi_code <= 0 && information.ssi_pid != (uint32_t)command)
			kill(command, number);
	}
	return asked;
}

int pass_end(int status)
{
	static const struct rlimit no_core = {};
	sigset_t set;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core); /* the core is the command's to leave, not ours */
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	raise(WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + WTERMSIG(status);
}
