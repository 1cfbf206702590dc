// SPDX-License-Identifier: MIT
/* See top_files.h. */
#include "command/top_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/record_options.h"
#include "command/report.h"
#include "output/text.h"

#define MOST_SAVED 10000

static const char *folder(void)
{
	const char *name = getenv("TMPDIR");

	return name && *name ? name : "/tmp";
}

/* A part of a file's name: whatever the command is called, it is no folder and no control character. */
static void safe_part(const char *name, char part[64])
{
	const char *slash = strrchr(name, '/');

	snprintf(part, 64, "%s", slash && slash[1] ? slash + 1 : name);
	for (char *at = part; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || *at == '/')
			*at = '_';
}

static int open_file(struct top_streams *streams, const char *name)
{
	char part[64];

	safe_part(name, part);
	if ((size_t)snprintf(streams->path, sizeof(streams->path), "%s/hakmem-top-%s-XXXXXX", folder(), part) >=
	    sizeof(streams->path))
		strcpy(streams->path, "/tmp/hakmem-top-XXXXXX");
	streams->file = mkostemp(streams->path, O_CLOEXEC | O_APPEND);
	if (streams->file < 0) {
		complain("can't make a file for the command's output (%s): %s", streams->path, strerror(errno));
		return -1;
	}
	/* Of whoever runs the command: it may open its own stdout by name. */
	report_give_away(streams->file);
	return 0;
}

int top_streams_open(struct top_streams *streams, const char *name)
{
	*streams = (struct top_streams){.streams = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}, .file = -1};
	if (isatty(STDIN_FILENO)) {
		streams->streams[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (streams->streams[0] < 0) {
			complain("can't open /dev/null: %s", strerror(errno));
			return -1;
		}
	}
	for (int stream = STDOUT_FILENO; stream <= STDERR_FILENO; stream++) {
		if (!isatty(stream))
			continue;
		if (streams->file < 0 && open_file(streams, name))
			return -1;
		streams->streams[stream] = streams->file;
	}
	return 0;
}

void top_streams_close(struct top_streams *streams)
{
	struct stat status;

	if (streams->file < 0)
		return;
	if (!fstat(streams->file, &status) && status.st_size)
		complain("the command's output, %s, is in %s", figure_bytes(status.st_size).text, streams->path);
	else
		unlink(streams->path);
	close(streams->file);
	streams->file = -1;
}

/* The name of a recording of the same, with another ending. */
static void save_name(const struct options *options, unsigned int number, char name[PATH_MAX + 16])
{
	char recording[PATH_MAX], part[64], *dot;

	record_default_name(options, 1, recording);
	dot = strrchr(recording, '.');
	if (dot)
		*dot = '\0';
	safe_part(recording, part);
	snprintf(name, PATH_MAX + 16, "%s-top-%u.json", part, number);
}

void top_save(const struct options *options, const struct snapshot *snapshot, char *text, size_t size)
{
	char name[PATH_MAX + 16];
	int descriptor = -1, failed;
	FILE *file;

	for (unsigned int number = 1; descriptor < 0 && number < MOST_SAVED; number++) {
		save_name(options, number, name);
		descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (descriptor < 0 && errno != EEXIST)
			break;
	}
	file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!file) {
		snprintf(text, size, "can't save into %.100s: %s", name, strerror(errno));
		return;
	}
	report_give_away(descriptor);
	failed = output_json(snapshot, &options->output_options, file);
	if (fclose(file) || failed) {
		snprintf(text, size, "can't save into %.100s: %s", name, strerror(errno));
		unlink(name);
		return;
	}
	snprintf(text, size, "saved into %.150s", name);
}
