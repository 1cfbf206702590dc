// SPDX-License-Identifier: MIT
/* From options to a report, by way of an experiment and a recording if one is wanted. See carry_out.h. */
#include "command/carry_out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/options.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/runner.h"
#include "output/output.h"
#include "recording/experiment.h"

struct session {
	const struct compare_options *options;
	const struct carrying *carrying;
	struct experiment *experiment;
	struct report report;
	struct recording *recording;
	struct progress_bar bar;
	bool failed; /* the recording */
};

static int record_failed(struct session *session, const char *error)
{
	progress_erase(&session->bar);
	complain("can't write to %s: %s", session->options->recording_path, error);
	session->failed = true;
	return -1;
}

static int open_recording(struct session *session)
{
	const char *path = session->options->recording_path;
	char error[RECORDING_ERROR];
	bool made;
	int descriptor;

	if (!path)
		return 0;
	made = access(path, F_OK) != 0;
	session->recording = recording_open(path, error);
	if (!session->recording) {
		complain("can't record into %s: %s", path, error);
		return -1;
	}
	descriptor = made ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (descriptor >= 0) {
		report_give_away(descriptor);
		close(descriptor);
	}
	return 0;
}

/* A traced run's report goes into the recording as it would have gone into a file. */
static int on_trial(void *context, const struct experiment *experiment, const struct trial *trial)
{
	struct session *session = context;
	char *json = NULL, error[RECORDING_ERROR];
	size_t size = 0;
	FILE *memory;
	int failed = 0;

	if (!session->recording)
		return 0;
	memory = trial->snapshot ? open_memstream(&json, &size) : NULL;
	if (memory)
		failed = output_json(trial->snapshot, &(struct output_options){}, memory) | fclose(memory);
	if (recording_add(session->recording, experiment, trial, failed ? NULL : json, error))
		failed = record_failed(session, error);
	free(json);
	return failed;
}

static void on_progress(void *context, const struct progress *progress)
{
	struct session *session = context;

	progress_show(&session->bar, progress);
}

static void before_message(void *context)
{
	struct session *session = context;

	progress_erase(&session->bar);
}

static int close_recording(struct session *session, const struct experiment *experiment)
{
	char error[RECORDING_ERROR];

	if (session->recording && recording_close(session->recording, experiment, error))
		record_failed(session, error);
	return session->failed ? -1 : 0;
}

/* In memory first: an earlier report stays until all of the new one is there. */
static int write_report(struct session *session)
{
	const struct carrying *carrying = session->carrying;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int failed = memory ? carrying->write(carrying->context, session->experiment, memory) | fclose(memory) : -1;

	if (failed)
		complain("can't make the report: %s", strerror(errno));
	else
		failed = report_write_text(&session->report, text, size);
	if (failed)
		report_abandon(&session->report);
	free(text);
	return failed;
}

/* The experiment is over, and was not a failure. */
static int conclude(struct session *session)
{
	const struct carrying *carrying = session->carrying;
	int status = carrying->judge ? carrying->judge(carrying->context, session->experiment) : 0;

	if (status == EXIT_FAILED) {
		report_abandon(&session->report);
		return status;
	}
	if (write_report(session))
		return EXIT_FAILED;
	if (session->experiment->interrupted)
		return 128 + (runner_signal() ? runner_signal() : SIGINT);
	return status;
}

static int run(struct session *session)
{
	struct plan plan = session->options->plan;
	int status;

	plan.on_trial = on_trial;
	plan.on_progress = on_progress;
	plan.before_message = before_message;
	plan.context = session;
	progress_start(&session->bar);
	session->experiment = experiment_run(&plan, &status);
	progress_erase(&session->bar);
	if (close_recording(session, session->experiment))
		session->failed = true;
	if (!session->experiment) {
		report_abandon(&session->report);
		return status;
	}
	status = conclude(session);
	experiment_free(session->experiment);
	return session->failed ? EXIT_FAILED : status;
}

int carry_out(const struct compare_options *options, const struct carrying *carrying)
{
	struct session session = {.options = options, .carrying = carrying};

	if (report_open(&session.report, options->output_path))
		return EXIT_FAILED;
	if (open_recording(&session)) {
		report_abandon(&session.report);
		return EXIT_FAILED;
	}
	return run(&session);
}
