// SPDX-License-Identifier: MIT
/* hakmem-trace doctor: tries every rung and says what works here, and why not. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/complain.h"
#include "command/options.h"
#include "trace/calibrate.h"
#include "machine/kernel.h"
#include "misses/miss_events.h"
#include "machine/privilege.h"
#include "trace/sizes.h"

static const char *init_on_alloc_in_words(int state)
{
	return state < 0 ? "unknown" : state ? "on: every page allocation is zeroed" : "off";
}

static void describe(const struct rung *rung, enum subject subject)
{
	const struct provision *provision = &rung->provides[subject];
	struct hook hook = {.method = provision->method, .detail = (char *)provision->detail};
	char text[METHOD_TEXT];

	if (!provision->hook)
		return;
	printf("  %-13s %s (%s)\n", subject_title(subject), provision->hook, hook_method(&hook, text));
	for (int i = 0; i < RUNG_CANNOT && provision->cannot[i]; i++)
		printf("  %-13s %s\n", "", provision->cannot[i]);
}

/* Try a rung for a count and its time, the other count by whatever is best. */
static bool works(const struct rung *rung, enum subject count, bool verbose, char error[LADDER_ERROR])
{
	struct demand demand = {};
	struct tracer tracer = {};

	for (enum subject subject = count; subject <= count + 1; subject++)
		if (rung->provides[subject].hook)
			demand.rung[subject] = rung;
	if (calibrate_start_best(&tracer, &demand, verbose, error))
		return false;
	tracer_close(&tracer);
	return true;
}

static void examine(const struct rung *rung, bool verbose)
{
	static const enum subject counts[] = {SUBJECT_FAULT, SUBJECT_ZERO};
	bool all = true;

	printf("\n%s\n", rung->name);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char error[LADDER_ERROR] = "";

		if (!rung->provides[counts[i]].hook)
			continue;
		describe(rung, counts[i]);
		describe(rung, counts[i] + 1);
		if (works(rung, counts[i], verbose, error)) {
			printf("  %-13s works: loaded, attached and calibrated\n", "");
		} else {
			printf("  %-13s does not work here: %s\n", "", error);
			all = false;
		}
	}
	if (!all)
		printf("  %-13s %s\n", "needs", rung->needs);
}

/* What hakmem-trace misses can sample. */
static void describe_misses(void)
{
	struct miss_event_chosen chosen[MISS_EVENTS_MOST];
	char reason[MISS_EVENT_REASON];
	int count = miss_events_usual(PMU_ROOT, miss_events_in_virtual_machine(), chosen, reason);

	printf("\nmisses\n");
	for (int i = 0; i < count; i++)
		printf("  %-16s %s\n", chosen[i].kind->name, chosen[i].encoding);
	if (!count)
		printf("  %s\n", reason);
}

static int conclude(bool verbose)
{
	char error[LADDER_ERROR] = "";
	struct tracer tracer = {};

	putchar('\n');
	if (calibrate_start_best(&tracer, &(struct demand){}, verbose, error)) {
		printf("No rung works here: hakmem-trace can't measure on this kernel with these privileges.\n%s\n",
		    error);
		return EXIT_FAILED;
	}
	printf("hakmem-trace uses here:\n");
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		printf("  %-13s %s\n", subject_title(subject),
		    tracer.selection.by[subject] ? tracer.selection.by[subject]->name : "nothing: it is not measured");
	tracer_close(&tracer);
	putchar('\n');
	sizes_describe(stdout);
	return 0;
}

static const char *lockdown_in_words(void)
{
	const char *lockdown = kernel_lockdown();

	if (strcmp(lockdown, "unknown") != 0 || !access("/sys/kernel/security/lockdown", F_OK))
		return lockdown;
	return "unknown (there is no /sys/kernel/security/lockdown; mount -t securityfs none /sys/kernel/security may "
	       "show it)";
}

int command_doctor(int count, char **arguments)
{
	bool verbose = count == 2 && !strcmp(arguments[1], "-v");

	if (count > 1 && !verbose) {
		complain("doctor takes no argument but -v, not '%s'", arguments[1]);
		return EXIT_USAGE;
	}
	printf("kernel %s, lockdown %s, init_on_alloc %s\n", kernel_release(), lockdown_in_words(),
	    init_on_alloc_in_words(kernel_init_on_alloc()));
	printf("BTF %s\n", access("/sys/kernel/btf/vmlinux", R_OK)
	                       ? "missing: a kernel with CONFIG_DEBUG_INFO_BTF is needed"
	                       : "present");
	printf("privileges %s%s\n", privilege_missing() ? "missing: " : "sufficient",
	    privilege_missing() ? privilege_missing() : "");
	for (size_t i = 0; i < rung_count; i++)
		examine(&rungs[i], verbose);
	describe_misses();
	return conclude(verbose);
}
