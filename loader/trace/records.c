// SPDX-License-Identifier: MIT
#include "trace/records.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int records_read(struct records *records, const struct bpf_program *program, pid_t process)
{
	int descriptor = tracer_iterate(program, process);
	size_t room = 0;
	ssize_t got;

	*records = (struct records){};
	if (descriptor < 0 && process && (errno == EINVAL || errno == E2BIG))
		descriptor = tracer_iterate(program, 0);
	if (descriptor < 0)
		return -1;
	do {
		if (records->size + 65536 > room) {
			char *bytes = realloc(records->bytes, room = 2 * room + 65536);

			if (!bytes) {
				close(descriptor);
				return -1;
			}
			records->bytes = bytes;
		}
		got = read(descriptor, records->bytes + records->size, room - records->size);
		if (got > 0)
			records->size += got;
	} while (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	close(descriptor);
	return got < 0 ? -1 : 0;
}
