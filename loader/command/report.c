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
#include "output/style.h"

/* Under sudo the file is the caller's to keep. */
void report_give_away(int descriptor)
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
		report_give_away(report->descriptor);
	else if (errno == EEXIST)
		report->descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (report->descriptor >= 0 && report->descriptor <= STDERR_FILENO) {
		/* A standard stream is closed: its number must not become the report's. */
		int low = report->descriptor;

		report->descriptor = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(low);
	}
	if (report->descriptor < 0) {
		complain("can't write the report to %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

int report_open_for(struct report *report, const char *path, const struct output *output)
{
	if (report_open(report, path))
		return -1;
	if (!output->binary || !isatty(report->descriptor))
		return 0;
	complain("--format %s is nothing for a terminal: give a file with -o", output->name);
	report_abandon(report);
	return -1;
}

/* For people, in the order in which they want it: what was measured and the answer, what that means, the rows. */
static int write_table(const struct report *report, const struct output *output, const struct output_options *options,
    const struct snapshot *snapshot, FILE *file)
{
	const struct view *view = report->view;

	table_head(snapshot, file);
	/* Intervals have no words of their own. */
	if (!(snapshot->in_parts && snapshot->part.number)) {
		words_write(snapshot, file);
		fputc('\n', file);
	}
	if (view && view->grouped)
		return view_write_rows(view, output, options, snapshot, report->slices, report->slice_count, file);
	return table_body(snapshot, options, file);
}

static int write_as(const struct report *report, const struct output *output, const struct output_options *options,
    const struct snapshot *snapshot, FILE *file)
{
	const struct view *view = report->view;

	if (output == &outputs[0])
		return write_table(report, output, options, snapshot, file);
	if (view && view->grouped)
		return view_write_rows(view, output, options, snapshot, report->slices, report->slice_count, file);
	return output->write(snapshot, options, file);
}

/* In memory first: what was in the file before stays until all of the new report is there. */
static int render(const struct report *report, const struct output *output, const struct output_options *options,
    struct snapshot *snapshot, char **text, size_t *size)
{
	FILE *memory = open_memstream(text, size);
	int failed = 0;

	if (!memory)
		return -1;
	if (report->view) {
		failed = view_filter(report->view, snapshot);
		styles_use(view_coloured(report->view, report->descriptor));
	}
	if (!failed)
		failed = write_as(report, output, options, snapshot, memory);
	failed |= ferror(memory);
	return fclose(memory) || failed ? -1 : 0;
}

static int write_all(int descriptor, const char *text, size_t size)
{
	while (size) {
		ssize_t written = write(descriptor, text, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		text += written;
		size -= written;
	}
	return 0;
}

/* What a longer report left behind the new one. stderr and stdout may be files that others write to. */
static int cut_rest(const struct report *report, size_t size)
{
	struct stat status;

	if (!report->path || !strcmp(report->path, "-") || fstat(report->descriptor, &status) ||
	    !S_ISREG(status.st_mode))
		return 0;
	return ftruncate(report->descriptor, size);
}

static int write_part(
    struct report *report, const struct output *output, const struct output_options *options, struct snapshot *snapshot)
{
	char *text = NULL;
	size_t size = 0;
	int failed;

	failed = render(report, output, options, snapshot, &text, &size) || write_all(report->descriptor, text, size);
	free(text);
	report->size += failed ? 0 : size;
	return failed;
}

static int checked(const struct report *report, int failed)
{
	if (failed)
		complain("can't write the report to %s: %s", report->path ? report->path : "stderr", strerror(errno));
	return failed ? -1 : 0;
}

/* It takes a run to know some of it: what was asked for may not have been measured. */
static int complain_of_lack(const struct report *report, const struct output *output,
    const struct output_options *options, const struct snapshot *snapshot)
{
	const char *lack = output_lacks(output, options, snapshot);
	const char *problem = report->view ? view_problem(report->view, snapshot) : NULL;

	if (lack)
		complain("can't write the report as %s: %s", output->name, lack);
	else if (problem)
		complain("can't write such a report: %s", problem);
	return lack || problem ? -1 : 0;
}

int report_add(
    struct report *report, const struct output *output, const struct output_options *options, struct snapshot *snapshot)
{
	int failed;

	if (complain_of_lack(report, output, options, snapshot))
		return -1;
	failed = !report->size && cut_rest(report, 0);
	/* Once something has been written it stays, also if no more comes. */
	report->created = false;
	return checked(report, failed || write_part(report, output, options, snapshot));
}

int report_write(
    struct report *report, const struct output *output, const struct output_options *options, struct snapshot *snapshot)
{
	int failed;

	if (complain_of_lack(report, output, options, snapshot))
		return -1;
	if (report->view)
		view_remark(report->view, snapshot);
	failed = write_part(report, output, options, snapshot) || cut_rest(report, report->size);
	if (!failed) {
		close(report->descriptor);
		report->descriptor = -1;
	}
	return checked(report, failed);
}

int report_write_text(struct report *report, const char *text, size_t size)
{
	int failed = write_all(report->descriptor, text, size) || cut_rest(report, size);

	if (!failed) {
		close(report->descriptor);
		report->descriptor = -1;
	}
	return checked(report, failed);
}

void report_abandon(struct report *report)
{
	if (report->descriptor >= 0)
		close(report->descriptor);
	if (report->created)
		unlink(report->path);
	report->descriptor = -1;
}
