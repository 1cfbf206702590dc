// SPDX-License-Identifier: MIT
/* One run: what it cost, what it printed, what its trace says, and how it went wrong. See runner.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/metric.h"
#include "command/options.h"
#include "command/runner.h"
#include "command/watch.h"
#include "output/text.h"
#include "recording/json_in.h"

#define MOST_OUTPUT 1048576 /* of it only the end is searched */
#define MOST_LINES  5

/* The end of what is in the file; the caller frees it. NULL when out of memory. */
static char *end_of(int descriptor)
{
	off_t size = lseek(descriptor, 0, SEEK_END), from = size > MOST_OUTPUT ? size - MOST_OUTPUT : 0;
	char *text = calloc(1, MOST_OUTPUT + 1);
	ssize_t got = text && size > 0 ? pread(descriptor, text, MOST_OUTPUT, from) : 0;

	if (text)
		text[got > 0 ? got : 0] = '\0';
	/* A pattern can't match over a zero byte, but behind one it can. */
	for (ssize_t i = 0; text && i < got; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

static void show_last_lines(int descriptor)
{
	char *text = end_of(descriptor), *line = text ? text + strlen(text) : NULL;

	for (int lines = 0; line && line > text && lines <= MOST_LINES; line--)
		if (line[-1] == '\n' && line[0] && ++lines == MOST_LINES)
			break;
	while (line && *line) {
		size_t length = strcspn(line, "\n");
		char *safe, *rest = line + length + (line[length] == '\n');

		line[length] = '\0';
		safe = text_printable(line);
		fprintf(stderr, "    %s\n", safe ? safe : "");
		free(safe);
		line = rest;
	}
	free(text);
}

struct attempt {
	struct runner *runner;
	size_t arm;
	enum trial_kind kind;
	uint32_t block;
	struct measured_run run;
	double start;
};

static void make_way(const struct attempt *attempt)
{
	const struct plan *plan = attempt->runner->plan;

	if (plan->before_message)
		plan->before_message(plan->context);
}

static void complain_of(const struct attempt *attempt, const char *what)
{
	char *safe = text_printable(what);

	make_way(attempt);
	complain("arm %s, %s run %u: %s", attempt->runner->plan->arms[attempt->arm].name,
	    trial_kind_name(attempt->kind), attempt->block + 1, safe ? safe : "");
	free(safe);
}

static int exec_failed(const struct attempt *attempt)
{
	const struct measured_options *options = &attempt->runner->runs[2 * attempt->arm];
	const char *command = attempt->kind == TRIAL_TRACED ? "hakmem-trace" : options->command[0];
	int code = attempt->run.exec_error;

	if (!code) {
		complain_of(attempt, attempt->run.error);
		return EXIT_FAILED;
	}
	make_way(attempt);
	complain("can't execute %s: %s", command,
	    code == ENOENT && !strchr(command, '/') ? "command not found" : strerror(code));
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

/* What it wrote follows, where it wrote anything. */
static int run_failed(const struct attempt *attempt)
{
	char what[256];
	int status = attempt->run.status;
	bool wrote = lseek(attempt->runner->errors, 0, SEEK_END) > 0;

	snprintf(what, sizeof(what), "the command %s %d%s",
	    WIFSIGNALED(status) ? "was ended by signal" : "ended with status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    wrote ? "; the last of what it wrote on stderr:" : " and wrote nothing on stderr");
	complain_of(attempt, what);
	show_last_lines(attempt->runner->errors);
	return EXIT_FAILED;
}

static double seconds(uint64_t nanoseconds)
{
	return nanoseconds / 1e9;
}

static double known(uint64_t value)
{
	return value == UNKNOWN ? NAN : value;
}

/* The whole command tree, as the kernel has it. */
static void take_costs(const struct measured_run *run, struct trial *trial)
{
	trial->values[MEASURE_WALL] = seconds(run->wall_ns);
	trial->values[MEASURE_USER] = seconds(run->user_ns);
	trial->values[MEASURE_SYSTEM] = seconds(run->system_ns);
	trial->values[MEASURE_PROCESSOR] = seconds(run->user_ns + run->system_ns);
	trial->values[MEASURE_MINOR] = run->minor;
	trial->values[MEASURE_MAJOR] = run->major;
	trial->values[MEASURE_PEAK] = known(run->max_rss_bytes);
	for (enum measure measure = MEASURE_CYCLES; measure <= MEASURE_WALK_CYCLES; measure++)
		trial->values[measure] = known(run->counters[measure]);
	trial->counted = run->counted;
}

static double known_seconds(uint64_t nanoseconds)
{
	return nanoseconds == UNKNOWN ? NAN : seconds(nanoseconds);
}

static void take_trace(struct snapshot *snapshot, struct trial *trial)
{
	const struct counts *counts = &snapshot->totals.counts;

	trial->snapshot = snapshot;
	trial->values[MEASURE_WALL] = seconds(snapshot->wall_ns);
	trial->values[MEASURE_USER] = known_seconds(snapshot->totals.user_ns);
	trial->values[MEASURE_SYSTEM] = known_seconds(snapshot->totals.system_ns);
	trial->values[MEASURE_PEAK] = known(snapshot->totals.max_rss_bytes);
	trial->values[MEASURE_FAULTS] = known(counts->faults);
	trial->values[MEASURE_ZEROED] = known(counts->zeroed_bytes);
	trial->values[MEASURE_FAULT_TIME] = known_seconds(counts->fault_ns);
	trial->values[MEASURE_ZERO_TIME] = known_seconds(counts->zero_ns);
}

/* stdout first; programs that measure themselves often say it on stderr. */
static int take_metric(const struct attempt *attempt, double *value)
{
	const int descriptors[] = {attempt->runner->output, attempt->runner->errors};
	char error[2][METRIC_ERROR], what[METRIC_ERROR + 32];
	int failed = -1;

	for (size_t i = 0; failed && i < 2; i++) {
		char *text = end_of(descriptors[i]);

		failed = metric_find(&attempt->runner->metric, text ? text : "", value, error[i]);
		free(text);
	}
	if (!failed)
		return 0;
	snprintf(what, sizeof(what), "no metric: %s", error[0]);
	complain_of(attempt, what);
	return EXIT_FAILED;
}

/* Why hakmem-trace itself could not: its own last line. */
static void note_not_traced(struct experiment *experiment, int errors, const char *otherwise)
{
	static const char name[] = "hakmem-trace: ";
	char *text = end_of(errors), *line = text ? strstr(text, name) : NULL;

	if (line) {
		line += strlen(name);
		line[strcspn(line, "\n")] = '\0';
	}
	free(experiment->not_traced);
	experiment->not_traced = strdup(line ? line : otherwise);
	free(text);
}

/* NULL when there is none that can be read: hakmem-trace could not trace, and there will be no more traced runs. */
static struct snapshot *read_report(const struct attempt *attempt)
{
	char error[JSON_IN_ERROR] = "it can't be opened";
	FILE *file = fopen(attempt->runner->report, "re");
	struct snapshot *snapshot = file ? json_in_read(file, error) : NULL;

	if (file)
		fclose(file);
	if (!snapshot)
		note_not_traced(attempt->runner->experiment, attempt->runner->errors, error);
	return snapshot;
}

static int status_parts(int status, int *signal)
{
	*signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return WIFSIGNALED(status) ? -1 : WEXITSTATUS(status);
}

/* The run is over, and was not interrupted. */
static int conclude(struct attempt *attempt)
{
	struct runner *runner = attempt->runner;
	struct snapshot *snapshot = NULL;
	struct trial *trial;
	double others, metric = NAN;
	int status = 0;

	others = machine_load_look(&runner->load, runner->runs_ns + attempt->run.launcher_ns);
	if (attempt->kind == TRIAL_TRACED) {
		snapshot = read_report(attempt);
		if (!snapshot)
			return 0;
	}
	if (attempt->run.status && !runner->plan->ignore_failures) {
		snapshot_free(snapshot);
		return run_failed(attempt);
	}
	if (runner->plan->metric && !attempt->run.status && attempt->kind != TRIAL_TRACED)
		status = take_metric(attempt, &metric);
	if (status && !runner->plan->ignore_failures)
		return status;
	trial = experiment_add_trial(runner->experiment, attempt->arm, attempt->kind, attempt->block);
	if (!trial) {
		snapshot_free(snapshot);
		complain("out of memory");
		return EXIT_FAILED;
	}
	trial->start = attempt->start;
	trial->others = others;
	trial->exit_code = status_parts(attempt->run.status, &trial->exit_signal);
	if (snapshot)
		take_trace(snapshot, trial);
	else
		take_costs(&attempt->run, trial);
	trial->values[MEASURE_METRIC] = metric;
	runner->experiment->failures += trial_failed(trial);
	return 0;
}

int runner_trial(struct runner *runner, size_t arm, enum trial_kind kind, uint32_t block)
{
	struct attempt attempt = {.runner = runner, .arm = arm, .kind = kind, .block = block};

	if (ftruncate(runner->output, 0) || ftruncate(runner->errors, 0) ||
	    (kind == TRIAL_TRACED && unlink(runner->report) && errno != ENOENT)) {
		complain("can't empty a file: %s", strerror(errno));
		return EXIT_FAILED;
	}
	attempt.start = seconds(watch_now() - runner->started_ns);
	if (launcher_run(&runner->launcher, 2 * arm + (kind == TRIAL_TRACED), &attempt.run)) {
		complain("the process that starts the runs was killed");
		return EXIT_FAILED;
	}
	runner->runs_ns += attempt.run.user_ns + attempt.run.system_ns;
	if (runner_interrupted() || attempt.run.interrupted)
		return 0;
	if (attempt.run.exec_error || attempt.run.error[0])
		return exec_failed(&attempt);
	return conclude(&attempt);
}
