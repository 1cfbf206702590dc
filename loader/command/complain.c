// SPDX-License-Identifier: MIT
#include "command/complain.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void complain(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* One write, so that lines of several processes don't mix. */
	fprintf(stderr, "hakmem-trace: %s\n", line);
}

void complain_option(const char *subcommand, int option, char **arguments)
{
	const char *word = arguments[optind - 1], *blank = subcommand ? " " : "", *name = subcommand ? subcommand : "";

	if (option == ':')
		complain("option '%s' needs a value; see hakmem-trace %s%s--help", word, name, blank);
	else if (optopt && optopt < 256 && strncmp(word, "--", 2) != 0)
		complain("%s%sthere is no option '-%c'; see hakmem-trace %s%s--help", name, subcommand ? ": " : "",
		    optopt, name, blank);
	else
		complain("%s%sthere is no option '%s', or it takes no value; see hakmem-trace %s%s--help", name,
		    subcommand ? ": " : "", word, name, blank);
}
