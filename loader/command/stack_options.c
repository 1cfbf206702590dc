// SPDX-License-Identifier: MIT
#include "command/stack_options.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/complain.h"
#include "command/options.h"
#include "symbol/frame_pointers.h"

int stack_options_stacks(struct stack_options *options, const char *text)
{
	options->wish.wanted = true;
	options->wish.all = text && !strcmp(text, "all");
	if (!text || options->wish.all || !strcmp(text, "sampled"))
		return -1;
	complain("--stacks takes =all (of every fault) or =sampled (as many as --max-overhead has room for), not '%s'",
	    text);
	return EXIT_USAGE;
}

/* After "dwarf,". */
static int copy_bytes(struct stack_options *options, const char *text)
{
	unsigned long bytes;
	char *end;

	errno = 0;
	bytes = strtoul(text, &end, 10);
	if (errno || end == text || *end || bytes < 4096 || bytes > STACK_COPY_LARGEST) {
		complain(
		    "--call-graph dwarf,BYTES copies 4096 to %d bytes of stack, not '%s'", STACK_COPY_LARGEST, text);
		return EXIT_USAGE;
	}
	options->wish.copy_bytes = bytes;
	return -1;
}

int stack_options_call_graph(struct stack_options *options, const char *text)
{
	options->given = true;
	options->by_dwarf = !strncmp(text, "dwarf", 5) && (!text[5] || text[5] == ',');
	options->by_frame_pointers = !strcmp(text, "fp");
	if (options->by_dwarf && text[5])
		return copy_bytes(options, text + 6);
	if (options->by_dwarf || options->by_frame_pointers || !strcmp(text, "auto"))
		return -1;
	complain("there is no call graph '%s'; there are auto, fp (frame pointers) and dwarf[,BYTES]", text);
	return EXIT_USAGE;
}

int stack_options_check(struct stack_options *options, double max_overhead)
{
	options->wish.wanted |= options->wish.sites;
	if (!options->wish.wanted && (options->given || options->wish.kernel)) {
		complain("--call-graph and --kernel-stacks say how stacks are taken: they need --stacks");
		return EXIT_USAGE;
	}
	if (!options->wish.copy_bytes)
		options->wish.copy_bytes = STACK_COPY_DEFAULT;
	options->wish.most = max_overhead;
	return -1;
}

/* The C library that we use is what programs here use, too. */
static bool libc_keeps_frame_pointers(void)
{
	Dl_info libc;

	return dladdr((void *)(uintptr_t)strtoul, &libc) && frame_pointers_kept(libc.dli_fname);
}

enum unwinding stack_options_unwinding(const struct stack_options *options, const char *path)
{
	if (options->by_frame_pointers)
		return UNWINDING_FRAME_POINTERS;
	if (options->by_dwarf || !path)
		return UNWINDING_DWARF;
	return frame_pointers_kept(path) && libc_keeps_frame_pointers() ? UNWINDING_FRAME_POINTERS : UNWINDING_DWARF;
}
