// SPDX-License-Identifier: MIT
#include "misses/lackey_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static const char call_head[] = "SYSCALL[";

static uint64_t hexadecimal(const char **text)
{
	uint64_t value = 0;

	for (;; (*text)++) {
		unsigned char digit = **text;

		if (digit >= '0' && digit <= '9')
			value = value << 4 | (digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			value = value << 4 | (digit - 'a' + 10);
		else
			return value;
	}
}

/* " L 1ffeffe7e0,8" and "I  04222c4,3" */
static void parse_access(const char *text, struct lackey_line *line)
{
	static const enum lackey_kind kinds[256] = {
	    ['I'] = LACKEY_INSTRUCTION, ['L'] = LACKEY_LOAD, ['S'] = LACKEY_STORE, ['M'] = LACKEY_MODIFY};
	const char *at = text + 3;

	if (!text[0] || !text[1] || text[2] != ' ')
		return;
	line->address = hexadecimal(&at);
	if (*at != ',' || at == text + 3)
		return;
	line->size = strtoul(at + 1, NULL, 10);
	line->kind = kinds[(unsigned char)(text[0] == ' ' ? text[1] : text[0])];
}

/* Two arguments are in hexadecimal, and valgrind doesn't say so. */
static int base_of(unsigned int number, int argument)
{
	if ((number == SYS_arch_prctl && argument == 1) || (number == SYS_clone && argument == 0))
		return 16;
	return 0;
}

/* " sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 )": returns what follows, or NULL when there are none. A string argument
 * is "0x4034bb0(text)". */
static const char *parse_arguments(const char *text, struct lackey_line *line)
{
	const char *at = strchr(text, '(');

	if (!at)
		return NULL;
	at++;
	for (int i = 0; i < CALL_ARGUMENTS; i++) {
		char *end;

		at += strspn(at, " ");
		if (*at == ')' || !*at)
			break;
		line->argument[i] = strtoull(at, &end, base_of(line->number, i));
		if (*end == '(') {
			/* The text may have anything in it but ends before the next argument, or the last one's
			 * bracket. */
			const char *close = strstr(end, "), ");

			if (!close)
				close = strstr(end, ") )");
			if (!close)
				return NULL;
			if (!line->path) {
				line->path = end + 1;
				line->path_length = close - end - 1;
			}
			end = (char *)close + 1;
		}
		at = end + strcspn(end, ",)");
		at += *at == ',';
	}
	at = strchr(at, ')');
	return at ? at + 1 : NULL;
}

/* "--> [pre-success] Success(0x4835000) ": returns what follows, NULL for nothing. */
static const char *parse_result(const char *text, struct lackey_line *line)
{
	const char *success = strstr(text, "Success(0x"), *failure = strstr(text, "Failure(0x"), *at;

	if (!success && !failure)
		return NULL;
	line->ends = true;
	line->failed = !success || (failure && failure < success);
	at = (line->failed ? failure : success) + strlen("Success(0x");
	line->result = hexadecimal(&at);
	if (*at != ')')
		return NULL;
	at += 1 + strspn(at + 1, " ");
	/* An access's line begins with the blank that the result ends with. */
	return *at ? at - (at[1] == ' ' && at[-1] == ' ' && *at != 'I') : NULL;
}

/* "SYSCALL[16074,1](9) sys_mmap (...) --> ...", or its end, "SYSCALL[16074,1](257) ... [async] --> Success(0x3)". */
static const char *parse_call(const char *text, struct lackey_line *line)
{
	const char *at = strchr(text, ',');
	char *end;

	if (!at)
		return NULL;
	line->thread = strtoul(at + 1, &end, 10);
	if (strncmp(end, "](", 2))
		return NULL;
	line->number = strtoul(end + 2, &end, 10);
	if (strncmp(end, ") ", 2))
		return NULL;
	line->kind = LACKEY_CALL;
	at = end + 2;
	if (!strncmp(at, "...", 3))
		return parse_result(at, line);
	line->begins = true;
	at = parse_arguments(at, line);
	return at ? parse_result(at, line) : NULL;
}

const char *lackey_parse(const char *text, struct lackey_line *line)
{
	*line = (struct lackey_line){.kind = LACKEY_OTHER};
	if (!strncmp(text, call_head, strlen(call_head)))
		return parse_call(text, line);
	parse_access(text, line);
	return NULL;
}
