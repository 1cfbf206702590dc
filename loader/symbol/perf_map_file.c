// SPDX-License-Identifier: MIT
#include "symbol/perf_map_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Seconds by which a file may seem older than the process that wrote it: clocks are set. */
#define CLOCK_SET 60

struct process {
	bool lives;
	uid_t user, effective;
	pid_t own_pid; /* in its own PID namespace */
	time_t start;  /* 0: not known */
};

static FILE *open_of_process(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

static void read_status(pid_t pid, struct process *process)
{
	FILE *file = open_of_process(pid, "status");
	char line[4096];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *last = strrchr(line, '\t');

		if (sscanf(line, "Uid: %u %u", &process->user, &process->effective) == 2)
			process->lives = true;
		else if (!strncmp(line, "NSpid:", 6) && last)
			sscanf(last, "%d", &process->own_pid);
	}
	fclose(file);
}

/* The 22nd field, in ticks since the machine began. The second is the command's name, which may hold anything. */
static void read_start(pid_t pid, struct process *process)
{
	FILE *file = open_of_process(pid, "stat");
	char line[4096];
	size_t size = file ? fread(line, 1, sizeof(line) - 1, file) : 0;
	const char *rest;
	unsigned long long ticks;
	struct timespec now, up;

	if (file)
		fclose(file);
	line[size] = '\0';
	rest = strrchr(line, ')');
	if (!rest ||
	    sscanf(rest + 1, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
	        &ticks) != 1)
		return;
	if (!clock_gettime(CLOCK_REALTIME, &now) && !clock_gettime(CLOCK_BOOTTIME, &up))
		process->start = now.tv_sec - up.tv_sec + ticks / sysconf(_SC_CLK_TCK);
}

static bool is_to_be_believed(int descriptor, const struct process *process)
{
	struct stat status;

	if (fstat(descriptor, &status) || !S_ISREG(status.st_mode))
		return false;
	if (process->start && status.st_mtime + CLOCK_SET < process->start)
		return false;
	if (!status.st_uid)
		return true;
	return process->lives ? status.st_uid == process->user || status.st_uid == process->effective
	                      : status.st_uid == geteuid();
}

static int try_file(const char *folder, pid_t pid, const struct process *process)
{
	char path[PATH_MAX];
	int descriptor;

	snprintf(path, sizeof(path), "%s/perf-%d.map", folder, (int)pid);
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0 || is_to_be_believed(descriptor, process))
		return descriptor;
	close(descriptor);
	return -1;
}

/* Where the process has it; else where we have it, as some agents write it from outside. */
int perf_map_file_open(pid_t pid)
{
	struct process process = {.own_pid = pid};
	char own[64];
	int descriptor = -1;

	read_status(pid, &process);
	if (process.lives) {
		read_start(pid, &process);
		snprintf(own, sizeof(own), "/proc/%d/root/tmp", (int)pid);
		descriptor = try_file(own, process.own_pid, &process);
	}
	return descriptor >= 0 ? descriptor : try_file("/tmp", pid, &process);
}
