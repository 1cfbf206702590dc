/* SPDX-License-Identifier: MIT */
/*
 * What the bench programs share: reading arguments, a clock, random numbers, threads, the result line. Each program
 * stays one small file, so any allocator can be preloaded into it or linked with it.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BENCH_BAD_USE 2
#define BENCH_PAGE    4096

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

/* One number on the command line: where it goes, whose value there is the default. */
struct bench_argument {
	const char *name;
	uint64_t *value;
	uint64_t least, most;
	const char *what;
};

static inline void bench_help(
    const char *program, const char *purpose, const struct bench_argument *arguments, size_t count)
{
	printf("usage: %s", program);
	for (size_t i = 0; i < count; i++)
		printf(" [%s", arguments[i].name);
	for (size_t i = 0; i < count; i++)
		putchar(']');
	printf("\n%s\n", purpose);
	for (size_t i = 0; i < count; i++)
		printf("  %-11s %s (%" PRIu64 ")\n", arguments[i].name, arguments[i].what, *arguments[i].value);
	exit(fflush(stdout) ? 1 : 0);
}

/* Numbers in the order of the table; those left out at the end keep their defaults. */
static inline void bench_arguments(int argc, char **argv, const char *program, const char *purpose,
    const struct bench_argument *arguments, size_t count)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			bench_help(program, purpose, arguments, count);
	bench_options(argc, argv, program, "");
	if ((size_t)argc > count + 1)
		bench_bad_use(program, "too many arguments");
	for (int i = 1; i < argc; i++) {
		const struct bench_argument *argument = &arguments[i - 1];

		*argument->value = bench_number(program, argument->name, argv[i], argument->least, argument->most);
	}
}

#define BENCH_ARGUMENTS(argc, argv, program, purpose, table)                                                           \
	bench_arguments(argc, argv, program, purpose, table, sizeof(table) / sizeof(*(table)))

static inline void bench_range(const char *program, uint64_t least, uint64_t most)
{
	if (least > most)
		bench_bad_use(program, "MAX is less than MIN");
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

/* Zeroed memory that no allocator knows of, for what the workload itself must remember. */
static inline void *bench_pages(const char *program, size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		bench_out_of_memory(program);
	return pages;
}

static inline void *bench_check(const char *program, void *memory)
{
	if (!memory)
		bench_out_of_memory(program);
	return memory;
}

/* A block of a random size, its first byte and one in each further page written, as a program would. */
static inline void bench_touch(unsigned char *block, size_t size, unsigned char value)
{
	for (size_t offset = 0; offset < size; offset += BENCH_PAGE)
		block[offset] = value;
}

static inline unsigned char *bench_block(const char *program, uint64_t *state, uint64_t least, uint64_t most)
{
	size_t size = least + bench_below(state, most - least + 1);
	unsigned char *block = bench_check(program, malloc(size));

	bench_touch(block, size, size);
	return block;
}

static inline pthread_t bench_thread(const char *program, void *(*start)(void *), void *argument)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, start, argument);

	if (error) {
		fprintf(stderr, "%s: no thread: %s\n", program, strerror(error));
		exit(1);
	}
	return thread;
}

static inline void bench_rest(uint64_t milliseconds)
{
	struct timespec rest = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}

/* Resident memory in KiB, asked for without a call of the allocator. */
static inline uint64_t bench_resident(void)
{
	char text[128] = "";
	int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char *resident;

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0 || !(resident = strchr(text, ' '))) {
		fputs("no /proc/self/statm to read\n", stderr);
		exit(1);
	}
	close(file);
	return strtoull(resident, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What a program measured besides time: `PROGRAM: WHAT: VALUE UNIT`. */
static inline void bench_figure(const char *program, const char *what, double value, const char *unit)
{
	printf("%s: %s: %.0f %s\n", program, what, value, unit);
}

/*
 * The checksum is printed so that the compiler can't drop the work, and so that two allocators can be seen to agree.
 * With BENCH_RESIDENT=SECONDS the memory still resident after that many seconds without a call is printed, too.
 */
static inline int bench_result(const char *program, uint64_t operations, double seconds, uint64_t checksum)
{
	double rate = seconds > 0 ? operations / seconds : 0;
	const char *rest = getenv("BENCH_RESIDENT");
	uint64_t resident = 0;

	if (rest) {
		bench_rest(bench_number(program, "BENCH_RESIDENT", rest, 0, 3600) * 1000);
		resident = bench_resident();
	}
	printf("%s: %.0f operations/s (%" PRIu64 " in %.6f s, checksum %" PRIx64 ")\n", program, rate, operations,
	    seconds, checksum);
	if (rest)
		bench_figure(program, "resident at the end", resident, "KiB");
	if (fflush(stdout)) {
		perror(program);
		return 1;
	}
	return 0;
}

#endif
