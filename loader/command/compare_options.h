/* SPDX-License-Identifier: MIT */
/* The command lines of hakmem-trace compare, and of what else compares arms, parsed. */
#ifndef COMPARE_OPTIONS_H
#define COMPARE_OPTIONS_H

#include "command/experiment.h"
#include "output/experiment_output.h"

#define MOST_ARMS 32

/* A subcommand that compares arms, and which of the options it has. */
struct comparing {
	const char *name;      /* "compare" */
	const char *intro;     /* of --help: usage, what it does, the options that no other has */
	const char *outro;     /* of --help: the exit status, if it differs */
	const char *usage;     /* one line of it, for complaints */
	bool takes_arms;       /* --arm makes them; else it makes them itself, and --preload says of what */
	bool takes_subject;    /* a word before the command: what to validate */
	bool needs_no_command; /* the subject may have one */
};

struct compare_options {
	struct arm arms[MOST_ARMS];
	struct plan plan; /* its arms are those */
	const struct experiment_output *output;
	const char *output_path;    /* "-": stdout */
	const char *recording_path; /* NULL: none */
	bool seeded;
	bool counted;        /* --runs was given */
	bool traces_counted; /* --traced was given */
	const char *preload; /* --preload, as given; NULL: it was not */
	const char *pool;    /* --pool-command, likewise */
	const char *subject; /* NULL: none */
};

/* -1 when the experiment shall go on, else the status to exit with at once. compare_options_free() in any case. */
int compare_options_parse(
    const struct comparing *comparing, int count, char **arguments, struct compare_options *options);
void compare_options_free(struct compare_options *options);

#endif
