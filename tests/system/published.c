// SPDX-License-Identifier: MIT
/*
 * Memory of libhakmem in every situation in which a tracer must know its class at once. Run with libhakmem preloaded;
 * the C API is found by dlsym, so that the program also runs without it.
 *
 *   published fork     64 KiB blocks' pages and 512-byte blocks, written by a forked child (copy-on-write)
 *   published vfork    a vforked child execs this program, which fills 512-byte blocks
 *   published thread   a thread fills 512-byte blocks and ends; another takes over
 *   published costs    prints what the allocator is told that a SuperSlab cost: faults and zeroed bytes
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hakmem.h"

#define BLOCK  512
#define BLOCKS (4 * 1024 * 1024 / BLOCK)

static char *blocks[BLOCKS];

static void fill(char value)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		if (!blocks[i])
			blocks[i] = malloc(BLOCK);
		memset(blocks[i], value, BLOCK);
	}
}

static int fork_case(void)
{
	int status;
	pid_t child;

	fill(1);
	child = fork();
	if (!child) {
		fill(2);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child ? status : 1;
}

static int vfork_case(void)
{
	int status;
	pid_t child = vfork();

	if (!child) {
		execl("/proc/self/exe", "published", "fill", NULL);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child ? status : 1;
}

static void *thread_main(void *argument)
{
	fill(*(char *)argument);
	for (size_t i = 0; i < BLOCKS; i++) {
		free(blocks[i]);
		blocks[i] = NULL;
	}
	return NULL;
}

static int thread_case(void)
{
	for (char i = 1; i <= 2; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, thread_main, &i) || pthread_join(thread, NULL))
			return 1;
	}
	return 0;
}

static int costs_case(void)
{
	int (*range_cost)(const void *, struct hakmem_cost_figures *);
	struct hakmem_cost_figures cost;
	char *chunk = NULL;
	int found = 0;

	*(void **)&range_cost = dlsym(RTLD_DEFAULT, "hakmem_range_cost");
	if (!range_cost)
		return 2;
	fill(1);
	for (size_t i = 0; i < BLOCKS; i++) {
		char *start = (char *)((size_t)blocks[i] & ~((size_t)2 * 1024 * 1024 - 1));

		if (start == chunk)
			continue;
		chunk = start;
		if (range_cost(blocks[i], &cost)) {
			printf("no cost: %s\n", strerror(errno));
			return 3;
		}
		printf("chunk faults %llu zeroed %llu timed %s\n", (unsigned long long)cost.faults,
		    (unsigned long long)cost.zeroed_bytes,
		    cost.timed && cost.timed <= cost.faults && cost.fault_ns && cost.zero_ns ? "yes" : "no");
		found++;
	}
	return found ? 0 : 4;
}

int main(int count, char **arguments)
{
	const char *which = count > 1 ? arguments[1] : "";

	if (!strcmp(which, "fork"))
		return fork_case();
	if (!strcmp(which, "vfork"))
		return vfork_case();
	if (!strcmp(which, "thread"))
		return thread_case();
	if (!strcmp(which, "costs"))
		return costs_case();
	if (!strcmp(which, "fill")) {
		fill(1);
		return 0;
	}
	fprintf(stderr, "published: give fork, vfork, thread, fill or costs\n");
	return 2;
}
