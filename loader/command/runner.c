// SPDX-License-Identifier: MIT
/* Starts and ends the things that runs need. What one run says is read in trial.c. See runner.h. */
#include "command/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/metric.h"
#include "command/options.h"
#include "command/parse.h"
#include "command/preload.h"
#include "command/watch.h"
#include "machine/kernel.h"
#include "machine/privilege.h"

static const int interrupting[] = {SIGINT, SIGTERM, SIGHUP};
#define INTERRUPTING (sizeof(interrupting) / sizeof(interrupting[0]))

/* For the signal handler. */
static volatile sig_atomic_t interrupted;
static struct launcher *volatile running;
static struct sigaction before[INTERRUPTING];

static void on_signal(int number)
{
	struct launcher *launcher = running;

	interrupted = number;
	if (launcher)
		launcher_interrupt(launcher);
}

bool runner_interrupted(void)
{
	return interrupted != 0;
}

int runner_signal(void)
{
	return interrupted;
}

/* After the launcher has been forked: the command gets what we were started with. */
static void take_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	interrupted = 0;
	/* A reader of the report that goes away is an error of that write, not our end. */
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < INTERRUPTING; i++) {
		sigaction(interrupting[i], NULL, &before[i]);
		/* nohup and shells that put us into the background had a reason to. */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(interrupting[i], &action, NULL);
	}
}

static const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : "/tmp";
}

/* Unlinked from the start; appended to, so that emptying it is enough between runs. */
static int temporary_file(void)
{
	char path[PATH_MAX];
	int descriptor;

	snprintf(path, sizeof(path), "%s/hakmem-output-XXXXXX", temporary_folder());
	descriptor = mkostemp(path, O_APPEND | O_CLOEXEC);
	if (descriptor < 0) {
		complain("can't make a file in %s: %s", temporary_folder(), strerror(errno));
		return -1;
	}
	unlink(path);
	return descriptor;
}

/* What is killed can't remove it again, so there is none where nothing is traced. */
static int open_folder(struct runner *runner)
{
	if (!runner->plan->traced || runner->experiment->not_traced)
		return 0;
	snprintf(runner->folder, sizeof(runner->folder), "%s/hakmem-compare-XXXXXX", temporary_folder());
	if (!mkdtemp(runner->folder)) {
		complain("can't make a folder in %s: %s", temporary_folder(), strerror(errno));
		runner->folder[0] = '\0';
		return -1;
	}
	if (snprintf(runner->report, sizeof(runner->report), "%s/report.json", runner->folder) >= PATH_MAX)
		return -1;
	return 0;
}

static size_t length_of(char *const *strings)
{
	size_t length = 0;

	while (strings && strings[length])
		length++;
	return length;
}

static char *const *command_of(const struct runner *runner, size_t arm)
{
	return runner->plan->arms[arm].command ? runner->plan->arms[arm].command : runner->plan->command;
}

/* hakmem-trace --format json -o REPORT [--as-root] [--preload LIB] [--env NAME=VALUE]... -- COMMAND... */
static char **traced_vector(const struct runner *runner, size_t arm, const char *preload)
{
	char *const *environment = runner->plan->arms[arm].environment, *const *command = command_of(runner, arm);
	size_t variables = length_of(environment), words = length_of(command), count = 0;
	char **vector = calloc(2 * variables + words + 16, sizeof(*vector));

	if (!vector)
		return NULL;
	vector[count++] = "hakmem-trace";
	vector[count++] = "--format";
	vector[count++] = "json";
	vector[count++] = "-o";
	vector[count++] = (char *)runner->report;
	if (runner->plan->as_root)
		vector[count++] = "--as-root";
	if (preload) {
		vector[count++] = "--preload";
		vector[count++] = (char *)preload;
	}
	for (size_t i = 0; i < variables; i++) {
		vector[count++] = "--env";
		vector[count++] = environment[i];
	}
	vector[count++] = "--";
	memcpy(vector + count, command, words * sizeof(*vector));
	return vector;
}

static int describe_arm(struct runner *runner, size_t arm)
{
	const struct arm *asked = &runner->plan->arms[arm];
	struct measured_options *untraced = &runner->runs[2 * arm], *traced = untraced + 1;
	const char *preload = asked->preload ? runner->preloads[arm] : NULL;

	if (asked->preload && preload_find(asked->preload, runner->preloads[arm]))
		return -1;
	runner->vectors[arm] = traced_vector(runner, arm, preload);
	if (!runner->vectors[arm])
		return -1;
	*untraced = (struct measured_options){
	    .command = command_of(runner, arm),
	    .environment = asked->environment,
	    .preload = preload,
	    .cpus = runner->plan->cpus ? &runner->processors : NULL,
	    .as_root = runner->plan->as_root,
	    .counters = runner->counters,
	    .counter_count = runner->counter_count,
	    .output = runner->output,
	    .errors = runner->errors,
	};
	*traced = (struct measured_options){
	    .command = runner->vectors[arm],
	    .file = "/proc/self/exe",
	    .cpus = untraced->cpus,
	    .as_root = true, /* it goes back itself, for the command */
	    .output = runner->output,
	    .errors = runner->errors,
	};
	return 0;
}

static int describe_arms(struct runner *runner)
{
	size_t arms = runner->plan->arm_count;

	runner->runs = calloc(2 * arms, sizeof(*runner->runs));
	runner->vectors = calloc(arms, sizeof(*runner->vectors));
	runner->preloads = calloc(arms, sizeof(*runner->preloads));
	if (!runner->runs || !runner->vectors || !runner->preloads) {
		complain("out of memory");
		return -1;
	}
	for (size_t arm = 0; arm < arms; arm++)
		if (describe_arm(runner, arm))
			return -1;
	return 0;
}

static int check_values(struct runner *runner)
{
	const struct plan *plan = runner->plan;
	char error[METRIC_ERROR];

	if (plan->cpus && parse_processors(plan->cpus, &runner->processors)) {
		complain("--cpu wants numbers of processors such as 0,2-3, not '%s'", plan->cpus);
		return -1;
	}
	if (plan->metric && metric_compile(&runner->metric, plan->metric, error)) {
		runner->plan = NULL; /* nothing to free */
		complain("--metric '%s' is no regular expression: %s", plan->metric, error);
		return -1;
	}
	return 0;
}

static void describe_machine(struct runner *runner)
{
	struct experiment *experiment = runner->experiment;
	char why[COUNTERS_WHY];

	runner->counter_count = counters_that_work(runner->counters, counters_of_processor(runner->counters), why);
	experiment->not_counted = why[0] ? strdup(why) : NULL;
	if (runner->plan->traced && privilege_missing() &&
	    asprintf(&experiment->not_traced, "tracing needs %s", privilege_missing()) < 0)
		experiment->not_traced = NULL;
	experiment->machine.release = strdup(kernel_release());
	experiment->machine.processors = machine_processors();
	experiment->machine.load = machine_load_average();
}

int runner_open(struct runner *runner, const struct plan *plan, struct experiment *experiment)
{
	*runner = (struct runner){.plan = plan, .experiment = experiment, .output = -1, .errors = -1};
	if (check_values(runner))
		return EXIT_USAGE;
	describe_machine(runner);
	runner->output = temporary_file();
	runner->errors = runner->output < 0 ? -1 : temporary_file();
	if (runner->errors < 0 || open_folder(runner) || describe_arms(runner))
		return EXIT_FAILED;
	if (launcher_start(&runner->launcher, runner->runs)) {
		complain("can't fork: %s", strerror(errno));
		return EXIT_FAILED;
	}
	running = &runner->launcher;
	take_signals();
	machine_load_start(&runner->load);
	runner->started_ns = watch_now();
	return 0;
}

static void close_folder(struct runner *runner)
{
	if (!runner->folder[0])
		return;
	unlink(runner->report);
	rmdir(runner->folder);
}

void runner_close(struct runner *runner)
{
	if (running) {
		runner->experiment->machine.others = machine_load_whole(&runner->load);
		running = NULL;
		launcher_stop(&runner->launcher);
		for (size_t i = 0; i < INTERRUPTING; i++)
			sigaction(interrupting[i], &before[i], NULL);
	}
	close_folder(runner);
	for (size_t arm = 0; runner->vectors && runner->plan && arm < runner->plan->arm_count; arm++)
		free(runner->vectors[arm]);
	free(runner->vectors);
	free(runner->preloads);
	free(runner->runs);
	if (runner->plan && runner->plan->metric)
		regfree(&runner->metric);
	if (runner->output >= 0)
		close(runner->output);
	if (runner->errors >= 0)
		close(runner->errors);
}
