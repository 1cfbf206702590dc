// SPDX-License-Identifier: MIT
/* hakmem-trace validate: a claim, an experiment that tests it, and whether it is so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claim.h"
#include "analysis/lazy_zeroing.h"
#include "command/carry_out.h"
#include "command/claim_file.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "command/subject_library.h"
#include "output/claim_output.h"

#define LAZY_ZEROING "lazy-zeroing"

/* So many that the rank test has bounds for what a claim of five parts needs. */
#define TRACED_FOR_TIMES 8

/* Exit status: apart from compare's. */
enum {
	EXIT_REFUTED = 3,
	EXIT_INCONCLUSIVE = 4,
};

static const struct comparing comparing = {
    .name = "validate",
    .intro = "Usage: hakmem-trace validate lazy-zeroing [OPTION...] -- COMMAND [ARGUMENT...]\n"
             "       hakmem-trace validate FILE.claim [OPTION...] [-- COMMAND [ARGUMENT...]]\n"
             "\n"
             "Runs COMMAND in several arms, as compare does, and says of each part of a claim whether it is\n"
             "CONFIRMED, REFUTED or INCONCLUSIVE, and from what.\n"
             "\n"
             "lazy-zeroing is the claim that zeroing pages is a tenth of the time, that an allocator that\n"
             "is lazy about it is 1.10 to 1.15 times as fast, and that recycling can't avoid the faults that\n"
             "are left. Its arms are HAKMEM_ZERO=eager, lazy and keep, with libhakmem preloaded unless COMMAND\n"
             "has it already. FILE.claim has any other claim, written down: see docs/validate.md.\n"
             "\n"
             "Of a share of the time a few traced runs say little: where a claim has one, --traced is 8.\n"
             "\n"
             "      --preload LIB      preload LIB instead of libhakmem (in arms of FILE.claim that name none)\n"
             "      --pool-command STRING\n"
             "                         one more arm of lazy-zeroing: the same work, done with an uninitialized\n"
             "                         pool of libhakmem's (include/hakmem.h)",
    .outro = "0 CONFIRMED, 3 REFUTED, 4 INCONCLUSIVE",
    .usage = "hakmem-trace validate lazy-zeroing|FILE.claim [OPTION...] -- COMMAND [ARGUMENT...]",
    .takes_subject = true,
    .needs_no_command = true,
};

struct command {
	struct compare_options options;
	struct claim *claim;
	bool lazy_zeroing;
	const char *preload; /* what the arms have, of lazy-zeroing */
	char **pool;         /* the words of --pool-command */
};

static int no_memory(void)
{
	complain("out of memory");
	return -1;
}

static int add_lazy_arm(struct command *command, const char *name, char **pool)
{
	char variable[64];
	struct arm arm = {
	    .name = (char *)name,
	    .environment = (char *[]){variable, NULL},
	    .preload = (char *)command->preload,
	    .command = pool,
	};

	/* A pool has nothing to be eager about, but what is beside it has. */
	snprintf(variable, sizeof(variable), "HAKMEM_ZERO=%s", pool ? "keep" : name);
	return claim_add_arm(command->claim, &arm) ? no_memory() : 0;
}

/* --pool-command's words, between blanks. */
static int split_pool(struct command *command)
{
	char *text = command->options.pool ? strdup(command->options.pool) : NULL, *rest = text, *word;
	size_t count = 0;

	if (!text)
		return command->options.pool ? no_memory() : 0;
	command->pool = calloc(strlen(text) + 2, sizeof(*command->pool));
	while (command->pool && (word = strsep(&rest, " ")))
		if (*word && !(command->pool[count++] = strdup(word)))
			break;
	free(text);
	if (!command->pool)
		return no_memory();
	if (count)
		return 0;
	complain("--pool-command is empty");
	return -1;
}

static int make_lazy_zeroing(struct command *command)
{
	static const char *const names[] = {"eager", "lazy", "keep"};
	const struct plan *plan = &command->options.plan;

	if (!plan->command[0]) {
		complain("no command given: hakmem-trace validate lazy-zeroing [OPTION...] -- COMMAND [ARGUMENT...]");
		return EXIT_USAGE;
	}
	if (subject_library_find("HAKMEM_ZERO", command->options.preload, plan->command[0], &command->preload))
		return EXIT_FAILED;
	command->claim = claim_new();
	if (!command->claim || !(command->claim->name = strdup(LAZY_ZEROING)) ||
	    claim_say(&command->claim->text, "Zeroing is a large part of the run, and an allocator that is lazy about "
	                                     "it is faster.") ||
	    lazy_zeroing_parts(command->claim)) {
		no_memory();
		return EXIT_FAILED;
	}
	if (!command->options.traces_counted)
		command->options.plan.traced = TRACED_FOR_TIMES;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (add_lazy_arm(command, names[i], NULL))
			return EXIT_FAILED;
	if (split_pool(command) || (command->pool && add_lazy_arm(command, "pool", command->pool)))
		return EXIT_FAILED;
	return -1;
}

static bool has_share_of_time(const struct claim *claim)
{
	for (size_t i = 0; i < claim->part_count; i++)
		if (claim->parts[i].kind == CLAIM_SHARE && claim->parts[i].share <= SHARE_FAULT_TIME)
			return true;
	return false;
}

/* What the file says holds where the command line says nothing. */
static int take_file(struct command *command)
{
	struct compare_options *options = &command->options;
	struct claim *claim = command->claim;
	struct plan *plan = &options->plan;

	if (plan->command[0] == NULL && claim->command)
		plan->command = claim->command;
	if (!plan->command[0]) {
		complain("%s names no command, and none was given: hakmem-trace validate %s [OPTION...] -- COMMAND",
		    options->subject, options->subject);
		return EXIT_USAGE;
	}
	if (!options->counted && claim->runs != UINT32_MAX)
		plan->runs = claim->runs;
	if (!options->traces_counted && claim->traced != UINT32_MAX)
		plan->traced = claim->traced;
	else if (!options->traces_counted && has_share_of_time(claim))
		plan->traced = TRACED_FOR_TIMES;
	if (!plan->metric && claim->metric) {
		plan->metric = claim->metric;
		plan->metric_less_is_better = claim->metric_less_is_better;
	}
	for (size_t i = 0; options->preload && i < claim->arm_count; i++)
		if (!claim->arms[i].preload && !(claim->arms[i].preload = strdup(options->preload)))
			return no_memory(), EXIT_FAILED;
	return -1;
}

static int make_from_file(struct command *command)
{
	char error[CLAIM_FILE_ERROR];

	if (command->options.pool) {
		complain("--pool-command is for %s", LAZY_ZEROING);
		return EXIT_USAGE;
	}
	command->claim = claim_file_read(command->options.subject, error);
	if (!command->claim) {
		complain("%s", error);
		return EXIT_USAGE;
	}
	return take_file(command);
}

/* Pools are never cleared, so what HAKMEM_ZERO does is not about them. */
static int say_pools(struct command *command)
{
	char **words = &command->claim->words;

	if (command->pool)
		return 0;
	switch (subject_library_pools(command->options.plan.command[0])) {
	case POOLS_USED:
		return claim_say(words, "The program uses uninitialized pools, in all arms: what lies in them is not "
		                        "cleared again anyway.");
	case POOLS_NAMED:
		return claim_say(words, "The program's file names libhakmem's uninitialized pools, so it may use them: "
		                        "what lies in them is not cleared again anyway.");
	case POOLS_UNKNOWN:
		return claim_say(words, "Whether the program uses uninitialized pools can't be seen, for it has "
		                        "libhakmem in it.");
	default:
		return claim_say(words, "The program does not use uninitialized pools.");
	}
}

static int judge(void *context, const struct experiment *experiment)
{
	struct command *command = context;
	static const int status[] = {
	    [CLAIM_CONFIRMED] = 0, [CLAIM_REFUTED] = EXIT_REFUTED, [CLAIM_INCONCLUSIVE] = EXIT_INCONCLUSIVE};
	int failed;

	if (command->lazy_zeroing && subject_library_check(experiment))
		return EXIT_FAILED;
	if (command->lazy_zeroing)
		failed = lazy_zeroing_judge(command->claim, experiment) || say_pools(command);
	else
		failed = claim_judge(command->claim, experiment);
	if (!failed)
		return status[command->claim->verdict];
	no_memory();
	return EXIT_FAILED;
}

static int write_report(void *context, const struct experiment *experiment, FILE *file)
{
	const struct command *command = context;
	const char *format = command->options.output->name;

	if (!strcmp(format, "table"))
		return claim_table(command->claim, experiment, file);
	if (!strcmp(format, "html"))
		return claim_html(command->claim, experiment, file);
	if (!strcmp(format, "json"))
		return claim_json(command->claim, experiment, file);
	return command->options.output->write(experiment, file);
}

static int run(struct command *command)
{
	struct compare_options *options = &command->options;
	int status;

	command->lazy_zeroing = !strcmp(options->subject, LAZY_ZEROING);
	status = command->lazy_zeroing ? make_lazy_zeroing(command) : make_from_file(command);
	if (status >= 0)
		return status;
	options->plan.arms = command->claim->arms;
	options->plan.arm_count = command->claim->arm_count;
	status = carry_out(options, &(struct carrying){judge, write_report, command});
	/* The arms are the claim's. */
	options->plan.arm_count = 0;
	return status;
}

int command_validate(int count, char **arguments)
{
	struct command command = {.claim = NULL};
	int status = compare_options_parse(&comparing, count, arguments, &command.options);

	if (status < 0)
		status = run(&command);
	compare_options_free(&command.options);
	claim_free(command.claim);
	strings_free(command.pool);
	return status;
}
