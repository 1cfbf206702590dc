// SPDX-License-Identifier: MIT
/* hakmem-trace: which subcommand? */
#include <string.h>

#include "command/command.h"
#include "trace/calibrate.h"
#include "trace/main_call.h"
#include "trace/price.h"

int main(int count, char **arguments)
{
	if (count > 0 && !strcmp(arguments[0], CALIBRATE_NAME))
		return calibrate_child();
	if (count > 0 && !strcmp(arguments[0], PRICE_NAME))
		return price_child(arguments[1]);
	main_call_learn(arguments, __builtin_return_address(0), __builtin_frame_address(0));
	if (count > 1 && !strcmp(arguments[1], "doctor"))
		return command_doctor(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "top"))
		return command_top(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "record"))
		return command_record(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "report"))
		return command_report(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "misses"))
		return command_misses(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "breakdown"))
		return command_breakdown(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "compare"))
		return command_compare(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "matrix"))
		return command_matrix(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "diff"))
		return command_diff(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "validate"))
		return command_validate(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "serve"))
		return command_serve(count - 1, arguments + 1);
	if (count > 1 && !strcmp(arguments[1], "space"))
		return command_space(count - 1, arguments + 1);
	return command_run(count, arguments);
}
