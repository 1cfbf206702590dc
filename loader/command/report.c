// SPDX-License-Identifier: MIT
/* Opening, writing and abandoning the report. */
#include "command/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/words.h"
#include "command/complain.h"

/* Under sudo the file is the caller's to keep. */
static void give_to_invoking_user(int descriptor)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");

	if (uid && gid && fchown(descriptor, strtoul(uid, NULL, 10), strtoul(gid, NULL, 10)))
		complain("can't give the report to user %s: %s", uid, strerror(errno));
}

int report_open(struct report *report, const char *path)
{
	*report = (struct report){.path = path, .descriptor = -1};
	if (!path || !strcmp(path, "-")) {
		report->descriptor = fcntl(path ? STDOUT_FILENO : STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		if (report->descriptor < 0) {
			complain("%s is closed: give a file with -o", path ? "stdout" : "stderr");
			return -1;
		}
		return 0;
	}
	report->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	report->created = report->descriptor >= 0;
	if (report->created)
		give_to_invoking_user(report->descriptor);
	else if (errno == EEXIST)
		report->descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (report->descriptor < 0) {
		complain("can't write the report to %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

static bool is_regular(int descriptor)
{
	struct stat status;

	return !fstat(descriptor, &status) && S_ISREG(status.st_mode);
}

int report_write(struct report *report, const struct output *output, const struct snapshot *snapshot)
{
	FILE *file;
	int failed;

	if (report->path && strcmp(report->path, "-") && is_regular(report->descriptor) &&
	    ftruncate(report->descriptor, 0)) {
		complain("can't write the report to %s: %s", report->path, strerror(errno));
		return -1;
	}
	file = fdopen(report->descriptor, "w");
	if (!file) {
		complain("can't write the report: %s", strerror(errno));
		return -1;
	}
	failed = output->write(snapshot, file);
	/* The words are for people: they follow the table, and no other format. */
	if (!failed && output == &outputs[0]) {
		fputc('\n', file);
		words_write(snapshot, file);
	}
	failed |= ferror(file);
	failed |= fclose(file);
	if (failed)
		complain("can't write the report to %s: %s", report->path ? report->path : "stderr", strerror(errno));
	return failed ? -1 : 0;
}

void report_abandon(struct report *report)
{
	if (report->descriptor >= 0)
		close(report->descriptor);
	if (report->created)
		unlink(report->path);
	report->descriptor = -1;
}
