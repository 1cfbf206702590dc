// SPDX-License-Identifier: MIT
/* ANSI's sixteen colours, as the terminal's own palette has them: legible on light and dark ground. See style.h. */
#include "output/style.h"

static bool in_use;

void styles_use(bool colours)
{
	in_use = colours;
}

void style_begin(enum style style, FILE *file)
{
	static const char *const sequences[] = {
	    [STYLE_HEAD] = "\033[1m",
	    [STYLE_MAIN] = "\033[36m",
	    [STYLE_FAINT] = "\033[2m",
	    [STYLE_WARN] = "\033[1;31m",
	    [STYLE_MORE] = "\033[31m",
	    [STYLE_LESS] = "\033[32m",
	};

	if (in_use)
		fputs(sequences[style], file);
}

void style_end(FILE *file)
{
	if (in_use)
		fputs("\033[0m", file);
}
