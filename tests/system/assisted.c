// SPDX-License-Identifier: MIT
/*
 * A program that is told what its memory costs, step by step: for assist.sh. For each line on its standard input it
 * takes another mebibyte of blocks, touches it, and prints what all of it so far has cost, `faults F timed T zeroed Z`,
 * or `no cost: WHY`. Its last line says what it reads of what it wrote. A first argument `child`: a forked child does
 * the same; `drip SECONDS`: on its own, ten times a second, it takes a block of 256 KiB, touches it and gives it back
 * (which HAKMEM_ZERO=eager gives to the kernel), and prints in the end what it read of what it wrote.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hakmem.h"

#define BLOCK      512
#define STEP       (1 << 20)
#define STEPS_MOST 1024
#define CHUNK      (2UL << 20)
#define CHUNKS     4096

static char *blocks[STEPS_MOST][STEP / BLOCK];
static uintptr_t chunks[CHUNKS];
static size_t chunk_count;

static int (*range_cost)(const void *, struct hakmem_cost_figures *);

static void note_chunk(const char *block)
{
	uintptr_t chunk = (uintptr_t)block & ~(CHUNK - 1);

	for (size_t i = chunk_count; i > 0; i--)
		if (chunks[i - 1] == chunk)
			return;
	if (chunk_count < CHUNKS)
		chunks[chunk_count++] = chunk;
}

static void take(int step)
{
	for (size_t i = 0; i < STEP / BLOCK; i++) {
		blocks[step][i] = malloc(BLOCK);
		if (!blocks[step][i])
			exit(1);
		memset(blocks[step][i], step + 1, BLOCK);
		note_chunk(blocks[step][i]);
	}
}

static void tell(void)
{
	struct hakmem_cost_figures sum = {0}, cost;

	for (size_t i = 0; i < chunk_count; i++) {
		if (!range_cost || range_cost((void *)chunks[i], &cost)) {
			printf("no cost: %s\n", range_cost ? strerror(errno) : "not libhakmem's malloc");
			return;
		}
		sum.faults += cost.faults;
		sum.timed += cost.timed;
		sum.zeroed_bytes += cost.zeroed_bytes;
	}
	printf("faults %llu timed %llu zeroed %llu\n", (unsigned long long)sum.faults, (unsigned long long)sum.timed,
	    (unsigned long long)sum.zeroed_bytes);
}

static unsigned long sum_of_all(int steps)
{
	unsigned long sum = 0;

	for (int step = 0; step < steps; step++)
		for (size_t i = 0; i < STEP / BLOCK; i++)
			for (size_t byte = 0; byte < BLOCK; byte++)
				sum += (unsigned char)blocks[step][i][byte];
	return sum;
}

static int run(void)
{
	char line[16];
	int steps = 0;

	while (steps < STEPS_MOST && fgets(line, sizeof(line), stdin)) {
		take(steps++);
		tell();
		fflush(stdout);
	}
	printf("%d steps sum %lu\n", steps, sum_of_all(steps));
	return 0;
}

static int drip(int seconds)
{
	unsigned long sum = 0;

	for (int i = 0; i < 10 * seconds; i++) {
		volatile unsigned char *block = malloc(256 << 10);

		for (size_t at = 0; block && at < 256 << 10; at += 4096)
			block[at] = i;
		usleep(100000);
		for (size_t at = 0; block && at < 256 << 10; at += 4096)
			sum += block[at];
		free((void *)block);
	}
	printf("sum %lu\n", sum);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	*(void **)&range_cost = dlsym(RTLD_DEFAULT, "hakmem_range_cost");
	if (argc > 2 && !strcmp(argv[1], "drip"))
		return drip(atoi(argv[2]));
	if (argc < 2 || strcmp(argv[1], "child"))
		return run();
	if (!fork())
		exit(run());
	wait(&status);
	return status != 0;
}
