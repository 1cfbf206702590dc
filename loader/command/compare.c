// SPDX-License-Identifier: MIT
/* hakmem-trace compare: the same command in several arms. */
#include "command/carry_out.h"
#include "command/command.h"

static const struct comparing comparing = {
    .name = "compare",
    .intro = "Usage: hakmem-trace compare --arm ARM --arm ARM... [OPTION...] -- COMMAND [ARGUMENT...]\n"
             "\n"
             "Runs COMMAND in each arm, again and again in random order, and says by how much the arms\n"
             "differ, how sure that is, and how many runs would tell more. Times are of untraced runs; faults\n"
             "and zeroed bytes by region come from a few traced ones, which need the privileges of\n"
             "hakmem-trace. COMMAND gets no input; what it prints is shown only when it fails.\n"
             "\n"
             "An ARM is NAME[=VARIABLE=VALUE,...[,preload=LIB]]: what is set in COMMAND's environment, and\n"
             "what is preloaded (hakmem: libhakmem); a comma in a value is typed twice. The first arm is what\n"
             "the others are compared with.\n"
             "\n"
             "  -a, --arm ARM          an arm; two at least",
    .outro = "0, whatever the verdict",
    .usage = "hakmem-trace compare --arm ... --arm ... -- COMMAND [ARGUMENT...]",
    .takes_arms = true,
};

static int write_report(void *context, const struct experiment *experiment, FILE *file)
{
	const struct compare_options *options = context;

	return options->output->write(experiment, file);
}

int command_compare(int count, char **arguments)
{
	struct compare_options options;
	int status = compare_options_parse(&comparing, count, arguments, &options);

	if (status < 0)
		status = carry_out(&options, &(struct carrying){.write = write_report, .context = &options});
	compare_options_free(&options);
	return status;
}
