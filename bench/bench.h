/* SPDX-License-Identifier: MIT */
/*
 * What the bench programs share: reading arguments, a clock, random numbers, the result line. Each program stays one
 * small file, so any allocator can be preloaded into it or linked with it.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_BAD_USE 2

/* Bad arguments end the program with one line that says which and why. */
static inline uint64_t bench_number(
    const char *program, const char *name, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' || value < least || value > most) {
		fprintf(stderr, "%s: %s must be a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'\n", program,
		    name, least, most, text);
		exit(BENCH_BAD_USE);
	}
	return value;
}

static inline _Noreturn void bench_bad_use(const char *program, const char *wrong)
{
	fprintf(stderr, "%s: %s; see %s --help\n", program, wrong, program);
	exit(BENCH_BAD_USE);
}

static inline _Noreturn void bench_out_of_memory(const char *program)
{
	fprintf(stderr, "%s: out of memory\n", program);
	exit(1);
}

/* --help ends the program; anything else that looks like an option is bad use. */
static inline void bench_options(int argc, char **argv, const char *program, const char *help)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(help, stdout);
			exit(fflush(stdout) ? 1 : 0);
		}
		if (argv[i][0] == '-' && argv[i][1] == '-') {
			fprintf(stderr, "%s: unknown option '%s'; see %s --help\n", program, argv[i], program);
			exit(BENCH_BAD_USE);
		}
	}
}

/* BENCH_CLOCK=processor counts the process's processor time instead, which other work on the machine disturbs less. */
static inline double bench_seconds(void)
{
	const char *clock = getenv("BENCH_CLOCK");
	struct timespec now;

	clock_gettime(clock && !strcmp(clock, "processor") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* xorshift64*: a few cycles, and good enough in its upper half, which bench_below() uses. */
static inline uint64_t bench_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

/* The state must not be 0, so neighbouring seeds are spread and 0 is moved away. */
static inline uint64_t bench_seed(uint64_t seed)
{
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15u;

	return state ? state : 1;
}

/* A number below `bound`, which fits 32 bits, without a division. */
static inline uint64_t bench_below(uint64_t *state, uint64_t bound)
{
	return (bench_random(state) >> 32) * bound >> 32;
}

/* The checksum is printed so that the compiler can't drop the work, and so that two allocators can be seen to agree. */
static inline int bench_result(const char *program, uint64_t operations, double seconds, uint64_t checksum)
{
	double rate = seconds > 0 ? operations / seconds : 0;

	printf("%s: %.0f operations/s (%" PRIu64 " in %.6f s, checksum %" PRIx64 ")\n", program, rate, operations,
	    seconds, checksum);
	if (fflush(stdout)) {
		perror(program);
		return 1;
	}
	return 0;
}

#endif
