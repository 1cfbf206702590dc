// SPDX-License-Identifier: MIT
/* hakmem-trace --help. */
#include <stdio.h>

#include "command/options.h"
#include "command/output_choice.h"

void options_help(void)
{
	puts("Usage: hakmem-trace [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace [OPTION...] -p PID[,PID...] | --comm NAME | --cgroup PATH | -a\n"
	     "       hakmem-trace record [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace report FILE [OPTION...]\n"
	     "       hakmem-trace top [OPTION...] [--] COMMAND [ARGUMENT...] | -p PID | ...\n"
	     "       hakmem-trace serve [OPTION...] [--] COMMAND [ARGUMENT...] | -p PID | ... | RECORDING\n"
	     "       hakmem-trace space [OPTION...] -p PID[,PID...] | ...\n"
	     "       hakmem-trace assist [OPTION...]\n"
	     "       hakmem-trace misses [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace doctor [-v]\n"
	     "       hakmem-trace breakdown [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace compare --arm NAME[=...] --arm NAME[=...] [OPTION...] -- COMMAND\n"
	     "       hakmem-trace matrix [OPTION...] -- COMMAND\n"
	     "       hakmem-trace diff [OPTION...] A B\n"
	     "       hakmem-trace validate lazy-zeroing|FILE.claim [OPTION...] -- COMMAND\n"
	     "\n"
	     "Runs COMMAND, or attaches to what runs already, and says whose every page fault and every\n"
	     "zeroed page of it is: the allocator's, thread-local storage's, libc's, the stacks', the\n"
	     "program's, a library's, a file's, other memory's or the kernel's. The report goes to stderr;\n"
	     "COMMAND's own streams, signals and exit status pass through. Needs root, or CAP_BPF and\n"
	     "CAP_PERFMON; CAP_SYS_PTRACE to attach to another user's processes.\n"
	     "\n"
	     "  -p, --pid PID[,...]  attach to these processes until they have ended\n"
	     "      --comm NAME      to every process of this name, also those that start later\n"
	     "      --cgroup PATH    to every process in this cgroup (v2) and below\n"
	     "  -a, --all            to every process\n"
	     "      --duration SEC   stop tracing after this time; a COMMAND runs on to its end\n"
	     "      --interval SEC   report each SEC seconds what happened in them, and all at the end\n"
	     "      --no-children    don't follow what the traced processes fork (--children: do)\n"
	     "  -o, --output FILE    write the report to FILE instead of stderr\n"
	     "      --format FORMAT  one of:");
	output_choice_help();
	view_help();
	puts("      --value VALUE    what formats show that show one figure a stack, and the order of rows:\n"
	     "                       faults (default), zeroed (bytes) or time (in faults, nanoseconds)\n"
	     "      --preload LIB    preload LIB into COMMAND (hakmem: libhakmem); nothing is by default\n"
	     "      --env NAME=VALUE set this in COMMAND's environment and not in hakmem-trace's\n"
	     "      --max-overhead PERCENT  measure durations of so many faults at random that tracing costs\n"
	     "                       about this much (default 3; 0: count only); all are counted, whatever\n"
	     "                       that costs\n"
	     "      --stacks[=all]   take call stacks too: of so many faults at random that --max-overhead has room\n"
	     "                       for, or of all\n"
	     "      --call-graph HOW by fp (frame pointers), dwarf[,BYTES] (unwinding copies of BYTES of the\n"
	     "                       stack, at most 65536; default 32768) or auto (default)\n"
	     "      --kernel-stacks  with the kernel's frames\n"
	     "      --alloc-sites    --stacks, and beside who touched libhakmem's memory who allocated it\n"
	     "      --no-zeroing     count faults alone: costs less, and zeroing is n/a\n"
	     "      --require WHAT   fail instead of falling back, unless: exact (faults and zeroed bytes are\n"
	     "                       exact), RUNG (zeroing is by that rung), SUBJECT=exact or SUBJECT=RUNG\n"
	     "                       (SUBJECT: fault, fault-time, zero or zero-time)\n"
	     "      --rung RUNG      take from this rung all that it measures, or fail:");
	for (size_t i = 0; i < rung_count; i++)
		printf("                         %-10s %s\n", rungs[i].name,
		    rungs[i].provides[SUBJECT_ZERO].hook ? rungs[i].provides[SUBJECT_ZERO].hook
		                                         : rungs[i].provides[SUBJECT_FAULT].hook);
	puts("      --mark-function [FILE:]FUNCTION\n"
	     "                       a phase of the report begins when COMMAND's (or FILE's) FUNCTION does\n"
	     "      --as-root        under sudo, run COMMAND as root and not as who called sudo\n"
	     "  -v, --verbose        say on stderr what is tried, and libbpf's log\n"
	     "      --version        print the version\n"
	     "  -h, --help           print this\n"
	     "\n"
	     "hakmem-trace record keeps a run in a file, and report prints it again (see their --help).\n"
	     "hakmem-trace space shows the address spaces of running processes as they are now.\n"
	     "hakmem-trace assist tells programs on libhakmem what their memory costs, while they run.\n"
	     "hakmem-trace top shows a run on the terminal second by second, serve in a browser.\n"
	     "hakmem-trace misses says whose addresses miss the TLB and the caches (see its --help).\n"
	     "hakmem-trace breakdown says where the CPU time goes (see its --help).\n"
	     "hakmem-trace doctor tries every rung on this kernel and says which works, and why not;\n"
	     "hakmem-trace compare runs a command in several environments and says whether they differ, matrix\n"
	     "with libhakmem's levers on huge pages and prefaulting; validate says whether a claim is so.\n"
	     "Exit status: COMMAND's (also its signal); 127 when it isn't found, 126 when it can't be\n"
	     "executed; 2 for wrong usage, 1 when it could not be traced.");
}
