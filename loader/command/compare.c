// SPDX-License-Identifier: MIT
/* hakmem-trace compare: the same command in several arms, a report, and a recording if one is wanted. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/compare_options.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/runner.h"
#include "recording/experiment.h"

struct compare {
	struct compare_options options;
	struct report report;
	struct recording *recording;
	struct progress_bar bar;
	bool failed; /* the recording */
};

static int record_failed(struct compare *compare, const char *error)
{
	progress_erase(&compare->bar);
	complain("can't write to %s: %s", compare->options.recording_path, error);
	compare->failed = true;
	return -1;
}

static int open_recording(struct compare *compare)
{
	const char *path = compare->options.recording_path;
	char error[RECORDING_ERROR];
	bool made;
	int descriptor;

	if (!path)
		return 0;
	made = access(path, F_OK) != 0;
	compare->recording = recording_open(path, error);
	if (!compare->recording) {
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
	struct compare *compare = context;
	char *json = NULL, error[RECORDING_ERROR];
	size_t size = 0;
	FILE *memory;
	int failed = 0;

	if (!compare->recording)
		return 0;
	memory = trial->snapshot ? open_memstream(&json, &size) : NULL;
	if (memory)
		failed = output_json(trial->snapshot, memory) | fclose(memory);
	if (recording_add(compare->recording, experiment, trial, failed ? NULL : json, error))
		failed = record_failed(compare, error);
	free(json);
	return failed;
}

static void on_progress(void *context, const struct progress *progress)
{
	struct compare *compare = context;

	progress_show(&compare->bar, progress);
}

static void before_message(void *context)
{
	struct compare *compare = context;

	progress_erase(&compare->bar);
}

static int close_recording(struct compare *compare, const struct experiment *experiment)
{
	char error[RECORDING_ERROR];

	if (compare->recording && recording_close(compare->recording, experiment, error))
		record_failed(compare, error);
	return compare->failed ? -1 : 0;
}

/* In memory first: an earlier report stays until all of the new one is there. */
static int write_report(struct compare *compare, const struct experiment *experiment)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int failed = memory ? compare->options.output->write(experiment, memory) | fclose(memory) : -1;

	if (failed)
		complain("can't make the report: %s", strerror(errno));
	else
		failed = report_write_text(&compare->report, text, size);
	if (failed)
		report_abandon(&compare->report);
	free(text);
	return failed;
}

static int run(struct compare *compare)
{
	struct experiment *experiment;
	int status;

	compare->options.plan.on_trial = on_trial;
	compare->options.plan.on_progress = on_progress;
	compare->options.plan.before_message = before_message;
	compare->options.plan.context = compare;
	progress_start(&compare->bar);
	experiment = experiment_run(&compare->options.plan, &status);
	progress_erase(&compare->bar);
	if (close_recording(compare, experiment))
		status = EXIT_FAILED;
	if (!experiment) {
		report_abandon(&compare->report);
		return status;
	}
	if (write_report(compare, experiment))
		status = EXIT_FAILED;
	if (!status && experiment->interrupted)
		status = 128 + (runner_signal() ? runner_signal() : SIGINT);
	experiment_free(experiment);
	return status;
}

int command_compare(int count, char **arguments)
{
	struct compare compare = {};
	int status = compare_options_parse(count, arguments, &compare.options);

	if (status < 0) {
		if (report_open(&compare.report, compare.options.output_path)) {
			status = EXIT_FAILED;
		} else if (open_recording(&compare)) {
			report_abandon(&compare.report);
			status = EXIT_FAILED;
		} else {
			status = run(&compare);
		}
	}
	compare_options_free(&compare.options);
	return status;
}
