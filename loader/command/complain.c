// SPDX-License-Identifier: MIT
#include "command/complain.h"

#include <stdarg.h>
#include <stdio.h>

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
