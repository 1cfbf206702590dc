// SPDX-License-Identifier: MIT
/*
 * Faults from known functions, to see whether stacks name them: each leaf touches so many fresh pages, called by a
 * caller of its own. Says "LEAF CALLER PAGES" a line. Usage: stacks plain | threads | forks | signals | deep | twice
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noinline, noclone))
#endif
#define STAY __asm__ volatile("" ::: "memory") /* so that calls before it are no jumps */

static char *fresh(size_t pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
	return memory;
}

#define LEAF(name, caller, pages)                                                                                      \
	APART static void name(char *memory)                                                                           \
	{                                                                                                              \
		for (size_t i = 0; i < (pages); i++)                                                                   \
			((volatile char *)memory)[i * PAGE] = 1;                                                       \
		STAY;                                                                                                  \
	}                                                                                                              \
	APART static void caller(void)                                                                                 \
	{                                                                                                              \
		char room[64];                                                                                         \
                                                                                                                       \
		name(memset(fresh(pages), 0, 0));                                                                      \
		memset(room, 0, sizeof(room));                                                                         \
		STAY;                                                                                                  \
	}

LEAF(leaf_one, caller_one, 200)
LEAF(leaf_two, caller_two, 300)
LEAF(leaf_three, caller_three, 400)

APART static void leaf_of_libc(char *memory)
{
	memset(memory, 1, 250 * PAGE);
	STAY;
}

static void say(const char *leaf, const char *caller, int pages)
{
	printf("%s %s %d\n", leaf, caller, pages);
	fflush(stdout);
}

static void plain(void)
{
	caller_one();
	caller_two();
	caller_three();
	leaf_of_libc(fresh(250));
	say("leaf_one", "caller_one", 200);
	say("leaf_two", "caller_two", 300);
	say("leaf_three", "caller_three", 400);
	say("memset", "leaf_of_libc", 250);
}

APART static void *thread(void *nothing)
{
	caller_one();
	STAY;
	return nothing;
}

static void threads(void)
{
	pthread_t made[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&made[i], NULL, thread, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(made[i], NULL);
	say("leaf_one", "caller_one", 4 * 200);
	say("caller_one", "thread", 4 * 200);
}

static void forks(void)
{
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		if (!child) {
			caller_two();
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	say("leaf_two", "caller_two", 20 * 300);
}

APART static void handler(int number)
{
	(void)number;
	caller_three();
	STAY;
}

static void signals(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	say("leaf_three", "caller_three", 400);
	say("caller_three", "handler", 400);
}

/* So deep that 32 KiB of stack don't reach main. */
APART static void deep(int levels)
{
	char room[512];

	memset(room, levels, sizeof(room));
	STAY;
	if (levels)
		deep(levels - 1);
	else
		caller_one();
	STAY;
}

int main(int count, char **arguments)
{
	const char *mode = count > 1 ? arguments[1] : "";

	if (!strcmp(mode, "plain"))
		plain();
	else if (!strcmp(mode, "threads"))
		threads();
	else if (!strcmp(mode, "forks"))
		forks();
	else if (!strcmp(mode, "signals"))
		signals();
	else if (!strcmp(mode, "deep")) {
		deep(100);
		say("leaf_one", "caller_one", 200);
	} else if (!strcmp(mode, "twice")) {
		plain();
		execl("/proc/self/exe", arguments[0], "signals", NULL);
	} else {
		fprintf(stderr, "usage: stacks plain | threads | forks | signals | deep | twice\n");
		return 2;
	}
	return 0;
}
