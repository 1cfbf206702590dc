// SPDX-License-Identifier: MIT
/* Fork, hold, exec, wait. */
#include "process/target.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hakmem_map.h"

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static bool parse_id(const char *text, unsigned int *id)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*id = value;
	return *text && !*end && value < UINT_MAX;
}

/* Under sudo the command runs as who called it, at home there, as it would have without hakmem-trace. */
static int become_invoking_user(void)
{
	const char *uid_text = getenv("SUDO_UID"), *gid_text = getenv("SUDO_GID");
	struct passwd *user;
	unsigned int uid;
	gid_t gid;

	if (geteuid() != 0 || !uid_text || !gid_text)
		return 0;
	if (!parse_id(uid_text, &uid) || !parse_id(gid_text, &gid)) {
		errno = EINVAL;
		return -1;
	}
	user = getpwuid(uid);
	if (user ? initgroups(user->pw_name, gid) : setgroups(1, &gid))
		return -1;
	if (user && (setenv("HOME", user->pw_dir, 1) || setenv("USER", user->pw_name, 1) ||
	                setenv("LOGNAME", user->pw_name, 1)))
		return -1;
	return setgid(gid) || setuid(uid) ? -1 : 0;
}

static int set_environment(const struct target_options *options)
{
	/* Calibration must not depend on what the user's environment preloads. */
	if (options->bare)
		return clearenv();
	for (char *const *variable = options->environment; variable && *variable; variable++)
		if (putenv(*variable))
			return -1;
	if (options->preload) {
		const char *before = getenv("LD_PRELOAD");
		char list[2 * PATH_MAX];
		int length = snprintf(
		    list, sizeof(list), "%s%s%s", options->preload, before && *before ? ":" : "", before ? before : "");

		if (length >= (int)sizeof(list)) {
			errno = E2BIG;
			return -1;
		}
		if (setenv("LD_PRELOAD", list, 1))
			return -1;
	}
	if (options->costs_socket && setenv(HAKMEM_COSTS_ENV, options->costs_socket, 1))
		return -1;
	return 0;
}

/* The session first: a terminal that stays open would still be its controlling one. */
static int set_surroundings(const struct target_options *options)
{
	if (options->own_session && setsid() < 0)
		return -1;
	if (options->cpus && sched_setaffinity(0, sizeof(*options->cpus), options->cpus))
		return -1;
	for (int stream = 0; options->streams && stream < 3; stream++)
		if (dup2(options->streams[stream], stream) < 0)
			return -1;
	if (!options->signals)
		return 0;
	signal(SIGCHLD, options->signals->child);
	signal(SIGPIPE, options->signals->pipe);
	return sigprocmask(SIG_SETMASK, &options->signals->mask, NULL);
}

/* In the child. Only a byte is a go: end of file means that the tracer has died. */
static void hold_and_exec(const struct target_options *options, int start, int error)
{
	int code =
	    set_surroundings(options) || set_environment(options) || (!options->as_root && become_invoking_user())
	        ? errno
	        : 0;
	ssize_t got;
	char go;

	if (write(error, "r", 1) != 1)
		_exit(125);
	/* Whatever has gone wrong is told when it would have run: until then its tracer expects it to live. */
	do
		got = read(start, &go, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(125);
	if (!code) {
		execvp(options->file ? options->file : options->command[0], options->command);
		code = errno;
	}
	if (write(error, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(code == ENOENT ? 127 : 126);
}

int target_start(struct target *target, const struct target_options *options, char error[TARGET_ERROR])
{
	int start[2], failure[2];
	char ready;

	*target = (struct target){.pid = -1};
	if (pipe2(start, O_CLOEXEC) || pipe2(failure, O_CLOEXEC)) {
		snprintf(error, TARGET_ERROR, "can't make a pipe: %s", strerror(errno));
		return -1;
	}
	target->pid = fork();
	if (target->pid < 0) {
		snprintf(error, TARGET_ERROR, "can't fork: %s", strerror(errno));
		return -1;
	}
	if (!target->pid) {
		close(start[1]);
		close(failure[0]);
		hold_and_exec(options, start[0], failure[1]);
	}
	close(start[0]);
	close(failure[1]);
	target->start_descriptor = start[1];
	target->error_descriptor = failure[0];
	/* One that dies before it is ready closes the pipe; target_go() will see. */
	while (read(failure[0], &ready, 1) < 0 && errno == EINTR)
		;
	return 0;
}

/* What the child has been charged so far. */
static void read_faults(struct target *target)
{
	char path[64], line[512] = "", *fields;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", target->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	/* Behind the name, which may hold anything. */
	fields = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	if (!fields || sscanf(fields, ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %" SCNu64, &target->held_minor,
	                   &target->held_major) != 2)
		target->held_minor = target->held_major = 0;
	fclose(file);
}

static uint64_t resident_bytes(pid_t pid)
{
	unsigned long resident = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*u %lu", &resident) != 1)
		resident = 0;
	fclose(file);
	return resident * sysconf(_SC_PAGESIZE);
}

int target_go(struct target *target)
{
	int code = 0;
	ssize_t got;

	target->held_rss_bytes = resident_bytes(target->pid);
	read_faults(target);
	target->start_ns = now_ns();
	/* A child that has died already says so on its error pipe. */
	if (write(target->start_descriptor, "g", 1) != 1)
		code = errno;
	close(target->start_descriptor);
	do
		got = read(target->error_descriptor, &code, sizeof(code));
	while (got < 0 && errno == EINTR);
	close(target->error_descriptor);
	if (got == sizeof(code))
		waitpid(target->pid, NULL, 0);
	return got == sizeof(code) ? code : 0;
}

static bool reap(struct target *target, int options)
{
	pid_t reaped;

	do
		reaped = wait4(target->pid, &target->status, options, &target->usage);
	while (reaped < 0 && errno == EINTR);
	if (!reaped)
		return false;
	target->wall_ns = now_ns() - target->start_ns;
	target->lost = reaped < 0;
	return true;
}

bool target_reap(struct target *target)
{
	return reap(target, WNOHANG);
}

void target_wait(struct target *target)
{
	reap(target, 0);
}

void target_abandon(struct target *target)
{
	if (target->pid <= 0)
		return;
	close(target->start_descriptor);
	close(target->error_descriptor);
	waitpid(target->pid, NULL, 0);
	target->pid = -1;
}
