/* SPDX-License-Identifier: MIT */
/* The command line of hakmem-trace, parsed. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "command/stack_options.h"
#include "command/view.h"
#include "output/output.h"
#include "output/spaces_output.h"
#include "trace/ladder.h"

/* Exit status: what hakmem-trace itself got wrong, apart from what the command returns. */
enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CANNOT_EXECUTE = 126, /* as shells have it */
	EXIT_NOT_FOUND = 127,
};

#define MARK_FUNCTIONS 16
#define MOST_PIDS      256
#define MOST_WANTED    8 /* names, cgroups */
#define MOST_VARIABLES 64

/* What to attach to. */
struct wanted {
	pid_t pids[MOST_PIDS];
	size_t pid_count;
	const char *names[MOST_WANTED];
	size_t name_count;
	const char *cgroups[MOST_WANTED]; /* paths */
	size_t cgroup_count;
	bool all;
};

/* hakmem-trace record. */
struct recording_options {
	bool wanted;
	bool given;              /* an option that only it has */
	const char *path;        /* NULL: a name is made */
	bool append;             /* behind what the file has */
	uint64_t slice_ns;       /* 0: the usual one */
	const char *report_path; /* NULL: no report */
	char **arguments;        /* all of the command line, to be recorded */
};

struct live; /* live.h */

struct options {
	const struct output *output;
	const struct spaces_output *spaces;   /* hakmem-trace space: this of what is attached to, instead of a report */
	struct output_options output_options; /* --value, --top */
	struct view view;                     /* --by, --region, ... */
	const char *output_path;              /* NULL: stderr */
	struct demand demand;                 /* --rung, --require */
	double max_overhead;                  /* a share: 0.03 is 3 % */
	struct stack_options stacks;
	const char *preload;                   /* as given, NULL: nothing is preloaded */
	char *environment[MOST_VARIABLES + 1]; /* --env, "NAME=VALUE"; NULL-terminated */
	size_t environment_count;
	const char *mark_function[MARK_FUNCTIONS]; /* --mark-function, as given */
	size_t mark_functions;
	bool as_root;
	bool verbose;
	bool only_itself;                  /* --no-children */
	uint64_t duration_ns, interval_ns; /* 0: none */
	struct wanted wanted;
	struct recording_options recording;
	struct live *live;               /* hakmem-trace top, serve; NULL: nobody watches */
	const char *listen, *token_file; /* of serve; NULL: not given */
	const char *user;                /* --user; NULL: not given */
	char *const *command;            /* NULL-terminated; NULL when there is something to attach to */
};

void options_help(void); /* of hakmem-trace itself */

/* Is there anything to attach to? */
bool options_attach(const struct options *options);

/* Returns -1 when the run shall go on, else the status to exit with at once (help, version, a line about what is
 * wrong). */
int options_parse(int count, char **arguments, struct options *options);

/* The same for hakmem-trace record, which takes more. */
int options_parse_record(int count, char **arguments, struct options *options);

/* The same for hakmem-trace top and serve. */
int options_parse_live(int count, char **arguments, struct options *options, struct live *live);

#endif
