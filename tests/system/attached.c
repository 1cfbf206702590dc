// SPDX-License-Identifier: MIT
/*
 * A program to attach to: it prepares memory of every kind, prints its process id and waits for a line; then touches a
 * known number of pages of each, says what it touched and how many faults the kernel charged it for that, and waits for
 * another line. Run under libhakmem it also fills blocks of 512 bytes.
 *
 *   attached [children]     children: two forked children touch their copy of 64 pages each, as well
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

#define PAGE        4096L
#define BSS         300
#define DATA        50
#define TLS         80
#define STACK       60
#define BEFORE      500
#define AFTER       100
#define CHUNK       200 /* above malloc's threshold for mmap */
#define HEAP        25  /* below it */
#define SIGNAL      40
#define SHARED      30
#define CHILD       64
#define BLOCK       512
#define BLOCKS      (2 * 1024 * 1024 / BLOCK)
#define LATE_BLOCKS 200 /* pages of blocks that are only touched after */

static char bss[BSS * PAGE] __attribute__((aligned(PAGE)));
static char data[DATA * PAGE] __attribute__((aligned(PAGE))) = {1};
static __thread char local[TLS * PAGE] __attribute__((aligned(PAGE)));

static struct {
	char *before, *chunk, *heap, *arena, *signal, *shared, *late;
} memory;

static pthread_barrier_t prepared, go, finished;

static void touch(volatile char *start, long pages)
{
	for (long page = 0; page < pages; page++)
		start[page * PAGE] = 1;
}

static char *map(long pages, int flags)
{
	char *start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (start == MAP_FAILED)
		fail("mmap");
	madvise(start, pages * PAGE, MADV_NOHUGEPAGE);
	return start;
}

static char *whole_pages(void *block)
{
	return (char *)(((unsigned long)block + PAGE) & ~(PAGE - 1));
}

static void __attribute__((noinline)) touch_stack(void)
{
	volatile char *pages = __builtin_alloca((STACK + 1) * PAGE);

	for (long page = STACK; page > 0; page--)
		pages[page * PAGE] = 1;
}

/* The C library has written all of it already: it clears a thread's storage. */
static void touch_local(void)
{
	madvise(local, sizeof(local), MADV_DONTNEED);
	touch(local, TLS);
}

/* A thread that runs before the attach and touches its stack, its TLS and its arena after it. */
static void *thread(void *unused)
{
	memory.arena = malloc((HEAP + 2) * PAGE);
	pthread_barrier_wait(&prepared);
	pthread_barrier_wait(&go);
	touch_stack();
	touch_local();
	touch(whole_pages(memory.arena), HEAP);
	pthread_barrier_wait(&finished);
	return unused;
}

/* One that only starts after it. */
static void *late_thread(void *unused)
{
	touch_stack();
	touch(local, TLS);
	return unused;
}

static void prepare(void)
{
	memory.before = map(BEFORE, MAP_PRIVATE | MAP_ANONYMOUS);
	memory.signal = map(SIGNAL, MAP_PRIVATE | MAP_ANONYMOUS);
	memory.chunk = malloc((CHUNK + 2) * PAGE);
	memory.heap = malloc((HEAP + 2) * PAGE);
	memory.shared = map(SHARED, MAP_SHARED | MAP_ANONYMOUS);
	if (sigaltstack(&(stack_t){.ss_sp = memory.signal, .ss_size = SIGNAL * PAGE}, NULL))
		fail("sigaltstack");
	for (int i = 0; i < BLOCKS; i++)
		if (!malloc(BLOCK))
			fail("malloc");
	memory.late = malloc(LATE_BLOCKS * PAGE);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void wait_for_line(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1)
		if (byte == '\n')
			return;
}

static void children(void)
{
	for (int i = 0; i < 2; i++) {
		pid_t child = fork();

		if (!child) {
			touch(memory.before, CHILD);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

int main(int count, char **arguments)
{
	pthread_t early, late;
	long before, charged;

	prepare();
	pthread_barrier_init(&prepared, NULL, 2);
	pthread_barrier_init(&go, NULL, 2);
	pthread_barrier_init(&finished, NULL, 2);
	if (pthread_create(&early, NULL, thread, NULL))
		fail("pthread_create");
	pthread_barrier_wait(&prepared);
	say("%d %ld\n", getpid(), faults()); /* all that comes after the touching has run once */
	wait_for_line();

	before = faults();
	touch(memory.before, BEFORE);
	touch(map(AFTER, MAP_PRIVATE | MAP_ANONYMOUS), AFTER);
	touch(bss, BSS);
	touch(data, DATA);
	touch_local();
	touch_stack();
	touch(whole_pages(memory.chunk), CHUNK);
	touch(whole_pages(memory.heap), HEAP);
	touch(memory.signal, SIGNAL);
	touch(memory.shared, SHARED);
	touch(whole_pages(memory.late), LATE_BLOCKS - 1);
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&finished);
	if (pthread_create(&late, NULL, late_thread, NULL))
		fail("pthread_create");
	pthread_join(late, NULL);
	charged = faults() - before;
	if (count > 1 && !strcmp(arguments[1], "children"))
		children();
	say("charged %ld\n", charged);
	wait_for_line();
	return 0;
}
