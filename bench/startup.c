/* SPDX-License-Identifier: MIT */
/*
 * A program that allocates a few hundred bytes and ends, once or a thousand times: what an allocator costs those who
 * hardly need it.
 */
#include <spawn.h>
#include <sys/wait.h>

#include "bench.h"

#define NAME   "startup"
#define BLOCKS 10

static uint64_t execs;

static const struct bench_argument arguments[] = {
    {"EXECS", &execs, 0, 1u << 30, "times that the program starts itself; 0: it allocates itself, and ends"},
};

static uint64_t allocate_a_little(void)
{
	unsigned char *blocks[BLOCKS];
	uint64_t sum = 0;

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = bench_check(NAME, malloc(8 * (i + 1)));
		*blocks[i] = i;
	}
	for (size_t i = 0; i < BLOCKS; i++) {
		sum += *blocks[i];
		free(blocks[i]);
	}
	return sum;
}

static uint64_t run_child(posix_spawn_file_actions_t *silent)
{
	char *arguments[] = {NAME, "0", NULL};
	pid_t child;
	int status;

	if (posix_spawn(&child, "/proc/self/exe", silent, NULL, arguments, environ) ||
	    waitpid(child, &status, 0) != child || status) {
		fputs(NAME ": a child failed\n", stderr);
		exit(1);
	}
	return 1;
}

/* Only this program itself rests at its end (bench_result): a thousand children would for half an hour. */
static uint64_t run_children(void)
{
	posix_spawn_file_actions_t silent;
	const char *rest = getenv("BENCH_RESIDENT");
	uint64_t sum = 0;

	posix_spawn_file_actions_init(&silent);
	posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	unsetenv("BENCH_RESIDENT");
	for (uint64_t i = 0; i < execs; i++)
		sum += run_child(&silent);
	if (rest)
		setenv("BENCH_RESIDENT", rest, 1);
	posix_spawn_file_actions_destroy(&silent);
	return sum;
}

int main(int argc, char **argv)
{
	uint64_t checksum;
	double start;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "Allocates a few hundred bytes and ends, or starts itself to do so.", arguments);
	start = bench_seconds();
	checksum = execs ? run_children() : allocate_a_little();
	return bench_result(NAME, execs ? execs : 2 * BLOCKS, bench_seconds() - start, checksum);
}
