/* SPDX-License-Identifier: MIT */
/*
 * Runs a command while BPF programs that do nothing hang on the two tracepoints that hakmem-trace counts faults and
 * zeroing with where it has nothing better. What they cost is the least that any tool pays that looks at both.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#define NAME    "empty_hooks"
#define BAD_USE 2

static const char help[] = "usage: empty_hooks COMMAND [ARGUMENT...]      as root\n"
                           "Runs the command with an empty BPF program on page_fault_user and one on mm_page_alloc.\n";

static const char *const tracepoints[] = {"page_fault_user", "mm_page_alloc"};

/* The attachment lasts as long as its descriptor, which the command does not inherit. */
static void attach_nothing(const char *tracepoint)
{
	const struct bpf_insn instructions[] = {
	    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0}, /* return 0 */
	    {.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, NAME, "GPL", instructions,
	    sizeof(instructions) / sizeof(instructions[0]), NULL);

	if (program >= 0 && bpf_raw_tracepoint_open(tracepoint, program) >= 0)
		return;
	fprintf(stderr, "%s: can't attach to %s: %s (it takes root)\n", NAME, tracepoint, strerror(errno));
	exit(1);
}

int main(int argc, char **argv)
{
	int status;
	pid_t child;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return fflush(stdout) ? 1 : 0;
	}
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(
		    stderr, "%s: %s; see %s --help\n", NAME, argc < 2 ? "give a command" : "it has no options", NAME);
		return BAD_USE;
	}
	for (size_t i = 0; i < sizeof(tracepoints) / sizeof(tracepoints[0]); i++)
		attach_nothing(tracepoints[i]);
	child = fork();
	if (!child) {
		execvp(argv[1], argv + 1);
		fprintf(stderr, "%s: can't run '%s': %s\n", NAME, argv[1], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror(NAME);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
