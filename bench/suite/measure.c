/* SPDX-License-Identifier: MIT */
/*
 * Runs one command under an allocator and says what that alone cost, as wait4 has it: so neither the shell that asks
 * nor a run before can leak into the figures. Writes one line:
 *
 *     OUTCOME WALL USER SYSTEM PEAK MINOR MAJOR
 *
 * OUTCOME is ok, exit:STATUS, signal:NUMBER or timeout; times are seconds, PEAK is KiB, MINOR and MAJOR are faults. The
 * figures are of the command and of its children that it waited for; PEAK is the largest of theirs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "usage: measure [OPTIONS] -o FILE -- COMMAND...\n"
                           "Runs COMMAND and writes `OUTCOME WALL USER SYSTEM PEAK MINOR MAJOR` to FILE.\n"
                           "  --preload LIBRARY   set LD_PRELOAD for COMMAND alone\n"
                           "  --no-huge-pages     transparent huge pages are off for COMMAND\n"
                           "  --cgroup FOLDER     run in this control group\n"
                           "  --timeout SECONDS   kill COMMAND and what it started then\n";

struct wish {
	const char *output, *preload, *cgroup;
	int no_huge_pages;
	unsigned int timeout;
	char **command;
};

static volatile sig_atomic_t child, timed_out, interrupted;

static _Noreturn void die(int status, const char *what, const char *why)
{
	fprintf(stderr, "measure: %s: %s\n", what, why);
	exit(status);
}

static const char *value_of(char **argv, int *index)
{
	if (!argv[*index + 1])
		die(2, argv[*index], "a value is missing");
	return argv[++*index];
}

static unsigned int seconds_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < 1 || value > 86400)
		die(2, text, "is no number of seconds from 1 to 86400");
	return value;
}

static struct wish parse(char **argv)
{
	struct wish wish = {0};
	int i = 1;

	for (; argv[i] && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(help, stdout);
			exit(fflush(stdout) ? 1 : 0);
		}
		if (!strcmp(argv[i], "--preload"))
			wish.preload = value_of(argv, &i);
		else if (!strcmp(argv[i], "--no-huge-pages"))
			wish.no_huge_pages = 1;
		else if (!strcmp(argv[i], "--cgroup"))
			wish.cgroup = value_of(argv, &i);
		else if (!strcmp(argv[i], "--timeout"))
			wish.timeout = seconds_of(value_of(argv, &i));
		else if (!strcmp(argv[i], "-o"))
			wish.output = value_of(argv, &i);
		else
			die(2, argv[i], "unknown option; see measure --help");
	}
	wish.command = argv[i] ? argv + i + 1 : argv + i;
	if (!*wish.command || !wish.output)
		die(2, "-o FILE and -- COMMAND", "are needed; see measure --help");
	return wish;
}

static void enter_cgroup(const char *folder)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	file = fopen(path, "we");
	if (!file || fprintf(file, "%d\n", getpid()) < 0 || fclose(file))
		die(1, path, strerror(errno));
}

static void stop(int signal)
{
	if (signal == SIGALRM)
		timed_out = 1;
	else
		interrupted = signal;
	if (child)
		kill(-child, SIGKILL);
}

static void handle(int signal)
{
	struct sigaction action = {.sa_handler = stop};

	sigaction(signal, &action, NULL);
}

/* posix_spawn, for its child shares this program's memory until it executes COMMAND: no copied pages to charge it. */
static pid_t spawn(char **command)
{
	posix_spawnattr_t attributes;
	sigset_t defaults;
	pid_t pid;
	int error;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGTERM);
	sigaddset(&defaults, SIGALRM);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	error = posix_spawnp(&pid, command[0], NULL, &attributes, command, environ);
	if (error)
		die(1, command[0], strerror(error));
	posix_spawnattr_destroy(&attributes);
	return pid;
}

static double seconds(struct timeval time)
{
	return time.tv_sec + time.tv_usec / 1e6;
}

static void print(FILE *file, int status, double wall, const struct rusage *usage)
{
	if (timed_out)
		fputs("timeout", file);
	else if (WIFSIGNALED(status))
		fprintf(file, "signal:%d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(file, "exit:%d", WEXITSTATUS(status));
	else
		fputs("ok", file);
	fprintf(file, " %.6f %.6f %.6f %ld %ld %ld\n", wall, seconds(usage->ru_utime), seconds(usage->ru_stime),
	    usage->ru_maxrss, usage->ru_minflt, usage->ru_majflt);
}

int main(int argc, char **argv)
{
	struct wish wish = parse(argv);
	struct timespec start, end;
	struct rusage usage;
	FILE *file;
	int status;

	(void)argc;
	file = fopen(wish.output, "we");
	if (!file)
		die(1, wish.output, strerror(errno));
	if (wish.cgroup)
		enter_cgroup(wish.cgroup);
	if (wish.no_huge_pages && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		die(1, "PR_SET_THP_DISABLE", strerror(errno));
	if (wish.preload)
		setenv("LD_PRELOAD", wish.preload, 1);
	handle(SIGALRM);
	handle(SIGINT);
	handle(SIGTERM);
	clock_gettime(CLOCK_MONOTONIC, &start);
	child = spawn(wish.command);
	alarm(wish.timeout);
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			die(1, "wait4", strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (interrupted)
		return 128 + interrupted;
	print(file, status, end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9, &usage);
	return fclose(file) ? 1 : 0;
}
