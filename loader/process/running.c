// SPDX-License-Identifier: MIT
/* What /proc and the cgroup file system say. */
#include "process/running.h"

#include <errno.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "process/memory.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h; the ninth field of /proc/PID/stat has it */

struct status {
	char state;
	unsigned int flags;
	int group; /* the process that this is a thread of */
};

static int read_stat(pid_t process, struct status *status)
{
	char path[64], line[512] = "", *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", process);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	after = strrchr(line, ')'); /* the name may have anything in it */
	return after && sscanf(after + 1, " %c %*d %*d %*d %*d %*d %u", &status->state, &status->flags) == 2 ? 0 : -1;
}

static int read_group(pid_t process)
{
	char path[64], line[128];
	int group = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", process);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (file)
		fclose(file);
	return group;
}

/* What root may not look at, no capability helps with. */
static void say_why_closed(pid_t process, char error[RUNNING_ERROR])
{
	if (!geteuid())
		snprintf(error, RUNNING_ERROR,
		    "may not look at process %d, though this is root: a security module or a user namespace protects "
		    "it (%s)",
		    process, strerror(errno));
	else
		snprintf(error, RUNNING_ERROR, "may not look at process %d: that needs %s", process,
		    errno == ENOSYS ? "CAP_DAC_READ_SEARCH on this kernel (it has no CONFIG_NUMA)" : "CAP_SYS_PTRACE");
}

static int check(pid_t process, char error[RUNNING_ERROR])
{
	struct memory memory;
	struct status status = {};

	if (kill(process, 0) && errno == ESRCH)
		snprintf(error, RUNNING_ERROR, "there is no process %d", process);
	else if (process == getpid())
		snprintf(error, RUNNING_ERROR, "%d is hakmem-trace itself", process);
	else if (read_stat(process, &status))
		snprintf(error, RUNNING_ERROR, "can't read /proc/%d/stat: %s", process, strerror(errno));
	else if (status.flags & PF_KTHREAD)
		snprintf(error, RUNNING_ERROR, "%d is a kernel thread: it has no memory of its own", process);
	else if (status.state == 'Z' || status.state == 'X')
		snprintf(error, RUNNING_ERROR, "process %d has ended already", process);
	else if (read_group(process) != process)
		snprintf(
		    error, RUNNING_ERROR, "%d is a thread of process %d: attach to that", process, read_group(process));
	else if (memory_open(&memory, process))
		say_why_closed(process, error);
	else {
		memory_close(&memory);
		return 0;
	}
	return -1;
}

int running_open(pid_t process, char error[RUNNING_ERROR])
{
	int descriptor;

	if (check(process, error))
		return -1;
	descriptor = syscall(SYS_pidfd_open, process, 0);
	if (descriptor < 0)
		snprintf(error, RUNNING_ERROR, "can't watch process %d: %s", process, strerror(errno));
	return descriptor;
}

size_t running_mappings(pid_t process)
{
	char path[64];
	size_t count = 0;
	FILE *file;
	int byte;

	snprintf(path, sizeof(path), "/proc/%d/maps", process);
	file = fopen(path, "re");
	while (file && (byte = getc_unlocked(file)) != EOF)
		count += byte == '\n';
	if (file)
		fclose(file);
	return count;
}

int running_cgroup(const char *path, uint64_t *id, char error[RUNNING_ERROR])
{
	struct statfs system;
	struct stat status;

	if (stat(path, &status) || statfs(path, &system))
		snprintf(error, RUNNING_ERROR, "can't look at cgroup %s: %s", path, strerror(errno));
	else if (system.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(status.st_mode))
		snprintf(error, RUNNING_ERROR, "%s is no folder of a cgroup v2 file system", path);
	else {
		*id = status.st_ino; /* kernfs: the inode's number is the id */
		return 0;
	}
	return -1;
}
