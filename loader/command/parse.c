// SPDX-License-Identifier: MIT
#include "command/parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#define MOST_SECONDS (366 * 86400.0)

static int parse_time(const char *text, double least, uint64_t *nanoseconds)
{
	double seconds;
	char *end;

	/* strtod would take "inf", "0x1" and blanks. */
	for (const char *at = text; *at; at++)
		if (!isdigit((unsigned char)*at) && *at != '.')
			return -1;
	seconds = strtod(text, &end);
	if (end == text || *end || seconds < least || seconds > MOST_SECONDS)
		return -1;
	*nanoseconds = seconds * 1e9;
	return 0;
}

int parse_seconds(const char *text, uint64_t *nanoseconds)
{
	return parse_time(text, 1e-3, nanoseconds);
}

int parse_moment(const char *text, uint64_t *nanoseconds)
{
	return parse_time(text, 0, nanoseconds);
}

static bool has(const pid_t *pids, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

int parse_pids(const char *text, pid_t *pids, size_t room, size_t *count)
{
	do {
		unsigned long pid;
		char *end;

		if (!isdigit((unsigned char)*text))
			return -1;
		errno = 0;
		pid = strtoul(text, &end, 10);
		if (errno || !pid || pid > INT_MAX || (*end && *end != ','))
			return -1;
		if (!has(pids, *count, pid)) {
			if (*count == room)
				return -1;
			pids[(*count)++] = pid;
		}
		text = *end ? end + 1 : NULL;
	} while (text);
	return 0;
}

/* A number of digits only, and where it ends. */
static int processor(const char **text, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return -1;
	errno = 0;
	*number = strtoul(*text, &end, 10);
	*text = end;
	return errno || *number >= CPU_SETSIZE ? -1 : 0;
}

int parse_processors(const char *text, cpu_set_t *set)
{
	CPU_ZERO(set);
	for (;;) {
		unsigned long first, last;

		if (processor(&text, &first))
			return -1;
		last = first;
		if (*text == '-' && (text++, processor(&text, &last)))
			return -1;
		if (last < first)
			return -1;
		for (unsigned long i = first; i <= last; i++)
			CPU_SET(i, set);
		if (!*text)
			return 0;
		if (*text++ != ',')
			return -1;
	}
}
