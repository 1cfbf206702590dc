// SPDX-License-Identifier: MIT
/* Runs this very program and reads its JSON. See breakdown_check.h. */
#include "command/breakdown_check.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/pass.h"
#include "machine/privilege.h"

#define MOST_WORDS 16 /* of our own, before the command */

static void cannot(struct zero_check *check, const char *why)
{
	snprintf(check->why_not, sizeof(check->why_not), "%.250s", why);
}

/* hakmem-trace --format json -o /proc/OURS/fd/N ... -- COMMAND */
static char **words_of(const struct breakdown_options *options, char *path)
{
	size_t own = 0, count = 0;
	char **words;

	while (options->command[count])
		count++;
	words = calloc(MOST_WORDS + count + 1, sizeof(*words));
	if (!words)
		return NULL;
	words[own++] = "hakmem-trace";
	words[own++] = "--format";
	words[own++] = "json";
	words[own++] = "-o";
	words[own++] = path;
	if (options->as_root)
		words[own++] = "--as-root";
	if (options->preload) {
		words[own++] = "--preload";
		words[own++] = (char *)options->preload;
	}
	words[own++] = "--";
	memcpy(words + own, options->command, count * sizeof(*words));
	return words;
}

static int wait_for(struct target *target, struct watch *watch)
{
	watch->other = -1;
	while (!target_reap(target))
		if (watch_wait(watch, -1) & WATCH_SIGNAL)
			pass_signals(watch, target->pid);
	return target->lost ? -1 : target->status;
}

static uint64_t number_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? (uint64_t)json_integer_value(value) : UNKNOWN;
}

static void read_report(int descriptor, struct zero_check *check)
{
	json_error_t error;
	json_t *report;
	const json_t *totals;
	const char *method;
	uint64_t user, system;

	lseek(descriptor, 0, SEEK_SET);
	report = json_loadfd(descriptor, 0, &error);
	totals = json_object_get(report, "totals");
	method = json_string_value(
	    json_object_get(json_object_get(json_object_get(report, "kernel"), "methods"), "zero_time"));
	user = number_at(totals, "user_ns");
	system = number_at(totals, "system_ns");
	check->zero_ns = number_at(totals, "zero_ns");
	check->zeroed_bytes = number_at(totals, "zeroed_bytes");
	if (!totals || user == UNKNOWN || system == UNKNOWN) {
		cannot(check, "the traced run left no report");
	} else if (!method || check->zero_ns == UNKNOWN) {
		cannot(check, "no hook measures zeroing time on this kernel");
	} else {
		check->cpu_ns = user + system;
		check->done = true;
		snprintf(check->method, sizeof(check->method), "%s", method);
		check->upper_bound = strncmp(method, "exact", 5) != 0;
	}
	json_decref(report);
}

/* 0: it ended well, and the report is in the descriptor. */
static int run_traced(
    char **words, int null, const struct target_signals *signals, struct watch *watch, struct zero_check *check)
{
	const int streams[3] = {STDIN_FILENO, null, null};
	/* It goes back to the user who called sudo by itself, for the command. */
	struct target_options options = {
	    .command = words, .file = "/proc/self/exe", .streams = streams, .signals = signals, .as_root = true};
	struct target target;
	char error[TARGET_ERROR];
	int status;

	if (target_start(&target, &options, error)) {
		cannot(check, error);
		return -1;
	}
	if (target_go(&target)) {
		cannot(check, "hakmem-trace could not execute itself");
		return -1;
	}
	status = wait_for(&target, watch);
	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status)) {
		snprintf(check->why_not, sizeof(check->why_not), "the traced run ended with status %d",
		    status == -1        ? -1
		    : WIFEXITED(status) ? WEXITSTATUS(status)
		                        : 128 + WTERMSIG(status));
		return -1;
	}
	return 0;
}

void breakdown_check_zeroing(const struct breakdown_options *options, const struct target_signals *signals,
    struct watch *watch, struct zero_check *check)
{
	int report = memfd_create("hakmem-breakdown", MFD_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char path[64], **words;

	check->zero_ns = check->zeroed_bytes = UNKNOWN;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), report);
	words = words_of(options, path);
	if (privilege_missing())
		snprintf(check->why_not, sizeof(check->why_not), "tracing needs %s", privilege_missing());
	else if (report < 0 || null < 0 || !words)
		cannot(check, strerror(errno));
	else if (!run_traced(words, null, signals, watch, check))
		read_report(report, check);
	free(words);
	if (report >= 0)
		close(report);
	if (null >= 0)
		close(null);
}
