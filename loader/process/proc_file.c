// SPDX-License-Identifier: MIT
#include "process/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AT_ONCE 65536

char *proc_file_read(pid_t process, const char *name, size_t most)
{
	char path[64], *text = NULL, *more;
	size_t size = 0, room = 0;
	ssize_t got = -1;
	int descriptor;

	snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return NULL;
	do {
		more = room - size <= AT_ONCE ? realloc(text, room = 2 * room + 2 * AT_ONCE) : text;
		if (!more) {
			got = -1;
			break;
		}
		text = more;
		got = read(descriptor, text + size, AT_ONCE);
		if (got > 0)
			size += got;
	} while (got > 0 && size < most);
	close(descriptor);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}
