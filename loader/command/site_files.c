// SPDX-License-Identifier: MIT
#include "command/site_files.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "command/complain.h"
#include "command/preload.h"
#include "stack/alloc_sites.h"
#include "stack/stack_collector.h"

#define LIST "LD_PRELOAD="

/* As ld.so reads it: paths between spaces or colons. */
static void expect_list(struct stack_collector *collector, const char *list)
{
	while (list && *list) {
		int length = strcspn(list, " :");
		char path[PATH_MAX];

		if (length && snprintf(path, sizeof(path), "%.*s", length, list) < (int)sizeof(path))
			stack_collector_expect(collector, path);
		list += length + (list[length] != '\0');
	}
}

void site_files_expect(struct tracer *tracer, const struct options *options, const char *preload)
{
	char path[PATH_MAX];

	if (!tracer->collector || !options->stacks.wish.sites)
		return;
	expect_list(tracer->collector, preload);
	expect_list(tracer->collector, getenv("LD_PRELOAD"));
	for (size_t i = 0; i < options->environment_count; i++)
		if (!strncmp(options->environment[i], LIST, strlen(LIST)))
			expect_list(tracer->collector, options->environment[i] + strlen(LIST));
	if (command_file(options->command[0], path))
		stack_collector_expect(tracer->collector, path);
	if (!alloc_sites_known(stack_collector_sites(tracer->collector)))
		complain(
		    "--alloc-sites needs libhakmem, which %s does not bring along as far as can be seen (--preload "
		    "hakmem does): who allocated memory is n/a unless it, or what it starts, loads it",
		    options->command[0]);
}

void site_files_expect_running(struct tracer *tracer, const struct wanted *wanted)
{
	for (size_t i = 0; tracer->collector && i < wanted->pid_count; i++)
		stack_collector_expect_process(tracer->collector, wanted->pids[i]);
}
