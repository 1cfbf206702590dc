// SPDX-License-Identifier: MIT
#include "command/live_options.h"

#include <getopt.h>
#include <string.h>

#include "command/complain.h"
#include "command/live.h"

#define INTERVAL_NS 1000000000ULL

int live_take(int option, struct options *options)
{
	switch (option) {
	case OPTION_LISTEN:
		options->listen = optarg;
		return -1;
	case OPTION_TOKEN_FILE:
		options->token_file = optarg;
		return -1;
	case OPTION_USER:
		options->user = optarg;
		return -1;
	}
	return -2;
}

int live_check(struct options *options)
{
	const char *command = options->live ? options->live->view->name : "";

	if (options->user && !(options->live && options->live->view->confined))
		complain("--user is for hakmem-trace serve");
	else if ((options->listen || options->token_file) && strcmp(command, "serve") != 0)
		complain("--listen and --token-file are for hakmem-trace serve");
	else if (options->live && options->output && options->output->parts == PARTS_WANTED)
		complain("--format %s shows what happens over time: hakmem-trace %s has one report, at the end",
		    options->output->name, command);
	else if (options->live && !options->output_path && options->output != &outputs[0])
		complain(
		    "--format is that of the report at the end, which hakmem-trace %s writes into -o FILE", command);
	else {
		if (options->live && !options->interval_ns)
			options->interval_ns = INTERVAL_NS;
		return -1;
	}
	return EXIT_USAGE;
}
