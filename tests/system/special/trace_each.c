/* SPDX-License-Identifier: MIT */
/*
 * Traces many commands with one start of the tracer, which takes seconds where a kernel is emulated:
 *
 *   trace_each OPTION... <LIST
 *
 * A line of LIST is `FILE [NAME=VALUE...] COMMAND ARGUMENT...`, parted by single spaces, and is traced by the code of
 * `hakmem-trace OPTION... -o FILE.report -- COMMAND ARGUMENT...` in a process of its own, in whose environment the
 * names have these values, all but the start: it inherits a tracer that has been reset as the start itself does after
 * calibration. FILE.out and FILE.err have the output, FILE.status, which may be a pipe, the exit status as a shell has
 * it, and is written last. This is hakmem-trace linked with three functions wrapped (Makefile). Exit status 0, or 1 if
 * the tracer could not start.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/options.h"
#include "command/prepare.h"
#include "trace.skel.h"
#include "trace/asides.h"
#include "trace/links.h"

#define WORDS_MOST 64

int __real_command_run(int count, char **arguments);
int __wrap_command_run(int count, char **arguments);
int __real_prepare_tracer(struct tracer *tracer, const struct options *options);
int __wrap_prepare_tracer(struct tracer *tracer, const struct options *options);
void __real_links_close(struct links *links);
void __wrap_links_close(struct links *links);

static struct tracer started;
static bool inherited; /* in the processes that trace */

int __wrap_prepare_tracer(struct tracer *tracer, const struct options *options)
{
	if (!inherited)
		return __real_prepare_tracer(tracer, options);
	*tracer = started;
	return 0;
}

/* Detached, hooks would be so for those that come after. Since counting has stopped they do nothing. */
void __wrap_links_close(struct links *links)
{
	if (inherited)
		links->count = 0;
	else
		__real_links_close(links);
}

static void start(int count, char **given)
{
	char *arguments[WORDS_MOST];
	struct options options;
	int used = 0;

	while (used < count && used < WORDS_MOST - 5) {
		arguments[used] = given[used];
		used++;
	}
	arguments[used++] = "-o";
	arguments[used++] = "/dev/null";
	arguments[used++] = "--";
	arguments[used++] = "true";
	arguments[used] = NULL;
	if (options_parse(used, arguments, &options) >= 0 || prepare_tracer(&started, &options) || !started.skeleton)
		exit(1);
}

static void redirect(int descriptor, const char *file, const char *ending)
{
	char path[4096];
	int opened;

	snprintf(path, sizeof(path), "%s%s", file, ending);
	opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (opened < 0 || dup2(opened, descriptor) < 0) {
		perror(path);
		_exit(125);
	}
}

/* Returns the first word that is none. */
static char **take_assignments(char **words)
{
	while (*words && strchr(*words, '=') && putenv(*words) == 0)
		words++;
	return words;
}

/* words: FILE [NAME=VALUE...] COMMAND ARGUMENT... */
static int trace(int count, char **given, char **words)
{
	char *arguments[2 * WORDS_MOST], report[4096];
	int used = 0, nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(nothing, STDIN_FILENO);
	redirect(STDOUT_FILENO, words[0], ".out");
	redirect(STDERR_FILENO, words[0], ".err");
	snprintf(report, sizeof(report), "%s.report", words[0]);
	for (int i = 0; i < count && i < WORDS_MOST; i++)
		arguments[used++] = given[i];
	arguments[used++] = "-o";
	arguments[used++] = report;
	arguments[used++] = "--";
	for (char **word = take_assignments(words + 1); *word && used < 2 * WORDS_MOST - 1; word++)
		arguments[used++] = *word;
	arguments[used] = NULL;
	inherited = true;
	optind = 0; /* getopt starts anew */
	return __real_command_run(used, arguments);
}

static void write_status(const char *file, int status)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s.status", file);
	out = fopen(path, "we");
	if (!out) {
		perror(path);
		exit(1);
	}
	fprintf(out, "%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	fclose(out);
}

static void reset(void)
{
	started.skeleton->bss->stopping = 0;
	tracer_reset(&started);
	asides_reset(&started);
}

static void trace_line(char *line, int count, char **given)
{
	char *words[WORDS_MOST];
	int used = 0, status = 0;
	pid_t pid;

	for (char *word = strtok(line, " \n"); word && used < WORDS_MOST - 1; word = strtok(NULL, " \n"))
		words[used++] = word;
	words[used] = NULL;
	if (used < 2)
		return;
	fflush(NULL);
	pid = fork();
	if (!pid)
		exit(trace(count, given, words));
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("trace_each");
		exit(1);
	}
	write_status(words[0], status);
	reset();
}

int __wrap_command_run(int count, char **arguments)
{
	char *line = NULL;
	size_t size = 0;

	start(count, arguments);
	while (getline(&line, &size, stdin) >= 0)
		trace_line(line, count, arguments);
	free(line);
	tracer_close(&started);
	return 0;
}
