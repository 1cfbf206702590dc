// SPDX-License-Identifier: MIT
/* hakmem-trace: which subcommand? */
#include <stddef.h>
#include <string.h>

#include "command/command.h"
#include "trace/calibrate.h"
#include "process/main_call.h"
#include "trace/price_child.h"

static const struct {
	const char *name;
	int (*run)(int count, char **arguments);
} commands[] = {
    {"doctor", command_doctor},
    {"top", command_top},
    {"record", command_record},
    {"report", command_report},
    {"misses", command_misses},
    {"breakdown", command_breakdown},
    {"compare", command_compare},
    {"matrix", command_matrix},
    {"diff", command_diff},
    {"validate", command_validate},
    {"serve", command_serve},
    {"space", command_space},
    {"assist", command_assist},
};

int main(int count, char **arguments)
{
	if (count > 0 && !strcmp(arguments[0], CALIBRATE_NAME))
		return calibrate_child(count > 1);
	if (count > 0 && !strcmp(arguments[0], PRICE_NAME))
		return price_child(arguments[1]);
	main_call_learn(arguments, __builtin_return_address(0), __builtin_frame_address(0));
	for (size_t i = 0; count > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(arguments[1], commands[i].name))
			return commands[i].run(count - 1, arguments + 1);
	return command_run(count, arguments);
}
