// SPDX-License-Identifier: MIT
/* See tail.h. */
#include "live/tail.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES 32768
#define TAB        8
#define ESCAPE     0x1b

/* Behind an escape sequence that begins at `at`: CSI to its final byte, strings (OSC, ...) to their end, else a byte.
 */
static const char *behind_escape(const char *at, const char *end)
{
	char kind = at + 1 < end ? at[1] : '\0';

	at += 2;
	if (kind == '[') {
		while (at < end && !(*at >= 0x40 && *at <= 0x7e))
			at++;
		return at < end ? at + 1 : end;
	}
	if (kind && strchr("]PX^_", kind)) {
		while (at < end && *at != '\a' && *at != ESCAPE)
			at++;
		if (at < end && *at == ESCAPE)
			at++;
		return at < end ? at + 1 : end;
	}
	return at < end ? at : end;
}

/* One line, as it looks after all was written: what comes after a carriage return is written over the line. */
static char *line_of(const char *at, const char *end)
{
	char *line = malloc((size_t)(end - at) * TAB + 1);
	size_t used = 0;

	while (line && at < end) {
		if (*at == ESCAPE) {
			at = behind_escape(at, end);
			continue;
		}
		if (*at == '\r' && at + 1 < end)
			used = 0;
		else if (*at == '\b')
			used -= used > 0;
		else if (*at == '\t')
			do
				line[used++] = ' ';
			while (used % TAB);
		else if (*at != '\r' && *at)
			line[used++] = *at;
		at++;
	}
	if (line)
		line[used] = '\0';
	return line;
}

int tail_of(struct tail *tail, const char *bytes, size_t size, int starts_within)
{
	const char *at = bytes, *end = bytes + size;

	tail->count = 0;
	if (starts_within) {
		const char *first = memchr(at, '\n', size);

		at = first ? first + 1 : at;
	}
	while (at < end) {
		const char *stop = memchr(at, '\n', end - at);

		if (tail->count == TAIL_LINES) {
			free(tail->lines[0]);
			memmove(tail->lines, tail->lines + 1, sizeof(tail->lines) - sizeof(tail->lines[0]));
			tail->count--;
		}
		tail->lines[tail->count] = line_of(at, stop ? stop : end);
		if (!tail->lines[tail->count])
			return -1;
		tail->count++;
		at = stop ? stop + 1 : end;
	}
	return 0;
}

int tail_read(struct tail *tail, int descriptor)
{
	char bytes[TAIL_BYTES];
	struct stat status;
	off_t from;
	ssize_t got;

	tail_free(tail);
	if (fstat(descriptor, &status))
		return -1;
	tail->bytes = status.st_size;
	from = status.st_size > TAIL_BYTES ? status.st_size - TAIL_BYTES : 0;
	got = pread(descriptor, bytes, sizeof(bytes), from);
	return got < 0 ? -1 : tail_of(tail, bytes, got, from > 0);
}

void tail_free(struct tail *tail)
{
	for (size_t i = 0; i < tail->count; i++)
		free(tail->lines[i]);
	*tail = (struct tail){0};
}
