// SPDX-License-Identifier: MIT
/* See terminal_type.h. */
#include "live/terminal_type.h"

#include <ncurses.h>
#include <term.h>

const char *terminal_type_problem(const char *name, int descriptor)
{
	int found = 1;

	if (!*name)
		return "is not named";
	if (setupterm(name, descriptor, &found) == ERR)
		return "is not known here";
	return cursor_address ? NULL : "can't place text";
}

/* tputs() takes a function and nothing for it. */
static struct {
	char *bytes;
	size_t used, room;
} kept;

static int keep_byte(int byte)
{
	if (kept.used < kept.room)
		kept.bytes[kept.used++] = (char)byte;
	return byte;
}

size_t terminal_type_tidying(char *bytes, size_t room)
{
	const char *const pieces[] = {exit_attribute_mode, keypad_local, cursor_normal, exit_ca_mode};

	kept.bytes = bytes;
	kept.used = 0;
	kept.room = room;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (pieces[i])
			tputs(pieces[i], 1, keep_byte);
	keep_byte('\r');
	return kept.used;
}
