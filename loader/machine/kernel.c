// SPDX-License-Identifier: MIT
/* Release, lockdown, init_on_alloc, swap. */
#include "machine/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>

#include <zlib.h>

const char *kernel_release(void)
{
	static struct utsname name;

	if (!name.release[0])
		uname(&name);
	return name.release;
}

bool kernel_is_from(unsigned int release)
{
	unsigned int major = 0, minor = 0;

	sscanf(kernel_release(), "%u.%u", &major, &minor);
	return KERNEL(major, minor) >= release;
}

const char *kernel_lockdown(void)
{
	static char state[32];
	char line[128] = "", *start, *end;
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	if (!file)
		return "unknown";
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	/* "none [integrity] confidentiality" */
	start = strchr(line, '[');
	end = start ? strchr(start, ']') : NULL;
	if (!end)
		return "unknown";
	*end = '\0';
	snprintf(state, sizeof(state), "%s", start + 1);
	return state;
}

/* "mem auto-init: stack:off, heap alloc:on, heap free:off", as long as the log still holds its beginning. */
static int from_kernel_log(void)
{
	int size = klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0);
	int answer = -1, length;
	char *log, *line;

	if (size <= 0)
		return -1;
	log = malloc(size + 1);
	if (!log)
		return -1;
	length = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, size);
	log[length > 0 ? length : 0] = '\0';
	line = strstr(log, "mem auto-init:");
	line = line ? strstr(line, "heap alloc:") : NULL;
	if (line)
		answer = !strncmp(line, "heap alloc:on", 13);
	free(log);
	return answer;
}

static int from_command_line(void)
{
	char line[4096] = "", *option;
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file)
		return -1;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	option = strstr(line, "init_on_alloc=");
	if (!option)
		return -1;
	option += strlen("init_on_alloc=");
	return *option == '1' || *option == 'y' || *option == 'Y' || !strncmp(option, "on", 2);
}

/* zlib reads plain files as they are. */
static int from_configuration(const char *path)
{
	gzFile file = gzopen(path, "rbe");
	char line[256];
	int answer = -1;

	if (!file)
		return -1;
	while (answer < 0 && gzgets(file, line, sizeof(line))) {
		if (!strncmp(line, "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y", 33))
			answer = 1;
		else if (strstr(line, "CONFIG_INIT_ON_ALLOC_DEFAULT_ON is not set"))
			answer = 0;
	}
	gzclose(file);
	return answer;
}

int kernel_init_on_alloc(void)
{
	static int answer = -2;
	char path[128];

	if (answer != -2)
		return answer;
	answer = from_kernel_log();
	if (answer < 0)
		answer = from_command_line();
	if (answer < 0)
		answer = from_configuration("/proc/config.gz");
	if (answer < 0) {
		snprintf(path, sizeof(path), "/boot/config-%s", kernel_release());
		answer = from_configuration(path);
	}
	return answer;
}

bool kernel_swaps(void)
{
	FILE *file = fopen("/proc/swaps", "re");
	char line[256];
	bool any;

	if (!file)
		return true;
	/* A head line, then one a swap area. */
	any = fgets(line, sizeof(line), file) && fgets(line, sizeof(line), file);
	fclose(file);
	return any;
}
