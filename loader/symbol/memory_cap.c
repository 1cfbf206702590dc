// SPDX-License-Identifier: MIT
#include "symbol/memory_cap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Of this process's address space; 0: not known. */
static uint64_t process_size(void)
{
	int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t size;

	if (descriptor < 0)
		return 0;
	size = read(descriptor, text, sizeof(text) - 1);
	close(descriptor);
	text[size > 0 ? size : 0] = '\0';
	return strtoull(text, NULL, 10) * sysconf(_SC_PAGESIZE);
}

void memory_cap_begin(struct memory_cap *cap)
{
	struct rlimit limit;

	cap->size = process_size();
	if (!cap->size || getrlimit(RLIMIT_AS, &cap->before)) {
		cap->size = 0;
		return;
	}
	limit = cap->before;
	if (limit.rlim_cur > cap->size + cap->left)
		limit.rlim_cur = cap->size + cap->left;
	if (setrlimit(RLIMIT_AS, &limit))
		cap->size = 0;
}

uint64_t memory_cap_left(const struct memory_cap *cap)
{
	uint64_t size = cap->size ? process_size() : 0, taken = size > cap->size ? size - cap->size : 0;

	return taken < cap->left ? cap->left - taken : 0;
}

void memory_cap_end(struct memory_cap *cap)
{
	if (!cap->size)
		return;
	cap->left = memory_cap_left(cap);
	setrlimit(RLIMIT_AS, &cap->before);
}
