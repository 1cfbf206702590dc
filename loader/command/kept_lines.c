// SPDX-License-Identifier: MIT
/* See kept_lines.h. */
#include "command/kept_lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Put the kept file in place of a stream that is a terminal. What the stream was, or -1. */
static int take_over(int stream, int kept)
{
	int was;

	if (!isatty(stream))
		return -1;
	was = fcntl(stream, F_DUPFD_CLOEXEC, 3);
	if (was >= 0)
		dup2(kept, stream);
	return was;
}

int kept_lines_begin(struct kept_lines *lines)
{
	*lines = (struct kept_lines){-1, -1, memfd_create("hakmem-trace", MFD_CLOEXEC), 0};
	if (lines->kept < 0)
		return -1;
	fflush(stdout);
	fcntl(lines->kept, F_SETFL, O_APPEND);
	lines->error = take_over(STDERR_FILENO, lines->kept);
	lines->output = take_over(STDOUT_FILENO, lines->kept);
	return 0;
}

static void give_back(int stream, int was)
{
	if (was < 0)
		return;
	dup2(was, stream);
	close(was);
}

static void write_out(int from)
{
	char bytes[4096];
	off_t at = 0;
	ssize_t got;

	while ((got = pread(from, bytes, sizeof(bytes), at)) > 0) {
		if (write(STDERR_FILENO, bytes, got) != got)
			return;
		at += got;
	}
}

void kept_lines_end(struct kept_lines *lines)
{
	if (lines->kept < 0)
		return;
	fflush(stdout);
	fflush(stderr);
	give_back(STDERR_FILENO, lines->error);
	give_back(STDOUT_FILENO, lines->output);
	write_out(lines->kept);
	close(lines->kept);
	*lines = (struct kept_lines){-1, -1, -1, 0};
}

void kept_lines_news(struct kept_lines *lines, char *line, size_t size)
{
	char bytes[512];
	struct stat status;
	const char *start;
	ssize_t got;
	off_t from;

	line[0] = '\0';
	if (lines->kept < 0 || fstat(lines->kept, &status) || status.st_size == lines->told)
		return;
	lines->told = status.st_size;
	from = status.st_size > (off_t)sizeof(bytes) - 1 ? status.st_size - (off_t)sizeof(bytes) + 1 : 0;
	got = pread(lines->kept, bytes, sizeof(bytes) - 1, from);
	while (got > 0 && bytes[got - 1] == '\n')
		got--;
	if (got <= 0)
		return;
	bytes[got] = '\0';
	start = strrchr(bytes, '\n');
	snprintf(line, size, "%s", start ? start + 1 : bytes);
}
