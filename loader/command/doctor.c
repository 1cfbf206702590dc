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
#include "trace/kernel.h"
#include "trace/privilege.h"

static const char *init_on_alloc_in_words(int state)
{
	return state < 0 ? "unknown" : state ? "on: every page allocation is zeroed" : "off";
}

static void describe(const struct rung *rung, bool works, const char *reason)
{
	printf("\n%-12s %s\n", rung->name, works ? "works: loaded, attached and calibrated" : "does not work here");
	if (!works)
		printf("  because     %s\n", reason);
	printf("  needs       %s\n", rung->needs);
	printf("  faults      %s (%s)\n", rung->fault, rung->fault_method);
	printf("  fault time  %s (%s)\n", rung->fault_time, rung->fault_time_method);
	printf("  zeroing     %s (%s)\n", rung->zero, rung->zero_method);
	printf("  zero time   %s (%s)\n", rung->zero_time, rung->zero_time_method);
	for (size_t i = 0; rung->cannot[i]; i++)
		printf("  %-11s %s\n", i ? "" : "but", rung->cannot[i]);
}

int command_doctor(int count, char **arguments)
{
	const struct rung *best = NULL;
	bool verbose = count == 2 && !strcmp(arguments[1], "-v");

	if (count > 1 && !verbose) {
		complain("doctor takes no argument but -v, not '%s'", arguments[1]);
		return EXIT_USAGE;
	}
	printf("kernel %s, lockdown %s, init_on_alloc %s\n", kernel_release(), kernel_lockdown(),
	    init_on_alloc_in_words(kernel_init_on_alloc()));
	printf("BTF %s\n", access("/sys/kernel/btf/vmlinux", R_OK)
	                       ? "missing: a kernel with CONFIG_DEBUG_INFO_BTF is needed"
	                       : "present");
	printf("privileges %s%s\n", privilege_missing() ? "missing: " : "sufficient",
	    privilege_missing() ? privilege_missing() : "");
	for (size_t i = 0; i < rung_count; i++) {
		char reason[TRACER_ERROR] = "";
		struct tracer tracer;
		bool works = !calibrate_start(&tracer, &rungs[i], verbose, reason);

		describe(&rungs[i], works, reason);
		if (!works)
			continue;
		if (!best)
			best = &rungs[i];
		tracer_close(&tracer);
	}
	if (!best) {
		printf("\nNo rung works here: hakmem-trace can't measure on this kernel with these privileges.\n");
		return EXIT_FAILED;
	}
	printf("\nhakmem-trace uses the rung '%s' here.\n", best->name);
	return 0;
}
