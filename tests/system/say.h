/* SPDX-License-Identifier: MIT */
/*
 * For programs that a test attaches to: a line to the standard output by one write and without stdio, whose buffer
 * would be memory touched behind the test's back; and an end with a reason. Included by one file a program.
 */
#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	_exit(2);
}

static void say(const char *format, ...)
{
	char line[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (write(STDOUT_FILENO, line, length) != length)
		fail("write");
}

#endif
