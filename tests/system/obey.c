// SPDX-License-Identifier: MIT
/*
 * A program to attach to that does what it is told, a line at a time, and nothing else in between. It prints its
 * process id, then for each line `done LINE`.
 *
 *   touch N      maps N pages and touches them
 *   fork N       the same in a child, and waits for it
 *   keep N       the same in a child that lives on until `quit`
 *   threads N    N threads, one behind the other; each touches 8 pages of its stack and 8 that it maps
 *   busy         does that in another thread from now on
 *   reuse N      maps N pages; touches them and gives them back in another thread from now on
 *   idle         no more of either; prints `made N`, how often that was
 *   name NAME    is called that from now on
 *   mark NAME    begins a phase
 *   exec         runs itself again, which prints its process id again
 *   quit
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hakmem_mark.h"
#include "say.h"

#define PAGE         4096L
#define THREAD_PAGES 8

static volatile int busy;
static pthread_t maker;
static long made;
static pid_t kept;

static void touch(long pages)
{
	volatile char *start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		fail("mmap");
	madvise((void *)start, pages * PAGE, MADV_NOHUGEPAGE);
	for (long page = 0; page < pages; page++)
		start[page * PAGE] = 1;
	munmap((void *)start, pages * PAGE);
}

static void in_child(long pages, int stays)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (!child) {
		touch(pages);
		while (stays)
			pause();
		_exit(0);
	}
	if (stays)
		kept = child;
	else
		waitpid(child, NULL, 0);
}

static void *thread(void *unused)
{
	volatile char *stack = __builtin_alloca(THREAD_PAGES * PAGE);

	for (long page = THREAD_PAGES - 1; page >= 0; page--)
		stack[page * PAGE] = 1;
	touch(THREAD_PAGES);
	return unused;
}

static void threads(long count)
{
	for (long i = 0; i < count; i++) {
		pthread_t id;

		if (pthread_create(&id, NULL, thread, NULL))
			fail("pthread_create");
		pthread_join(id, NULL);
	}
}

static void *make_threads(void *unused)
{
	for (made = 0; busy; made++)
		threads(1);
	return unused;
}

static void *reuse(void *pages)
{
	long bytes = (long)pages * PAGE;
	volatile char *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		fail("mmap");
	madvise((void *)start, bytes, MADV_NOHUGEPAGE);
	for (made = 0; busy; made++) {
		for (long i = 0; i < bytes; i += PAGE)
			start[i] = 1;
		madvise((void *)start, bytes, MADV_DONTNEED);
	}
	return NULL;
}

static void begin(void *function(void *), long pages)
{
	busy = 1;
	if (pthread_create(&maker, NULL, function, (void *)pages))
		fail("pthread_create");
}

static void end(void)
{
	busy = 0;
	pthread_join(maker, NULL);
	say("made %ld\n", made);
}

static void read_line(char *line, size_t size)
{
	size_t length = 0;

	while (length < size - 1 && read(STDIN_FILENO, &line[length], 1) == 1 && line[length] != '\n')
		length++;
	line[length] = '\0';
}

int main(void)
{
	char line[128], name[64];
	long pages;

	say("%d\n", getpid());
	for (;;) {
		read_line(line, sizeof(line));
		if (sscanf(line, "touch %ld", &pages) == 1)
			touch(pages);
		else if (sscanf(line, "fork %ld", &pages) == 1)
			in_child(pages, 0);
		else if (sscanf(line, "keep %ld", &pages) == 1)
			in_child(pages, 1);
		else if (sscanf(line, "threads %ld", &pages) == 1)
			threads(pages);
		else if (!strcmp(line, "busy"))
			begin(make_threads, 0);
		else if (sscanf(line, "reuse %ld", &pages) == 1)
			begin(reuse, pages);
		else if (!strcmp(line, "idle"))
			end();
		else if (sscanf(line, "name %63s", name) == 1)
			prctl(PR_SET_NAME, name);
		else if (sscanf(line, "mark %63s", name) == 1)
			hakmem_mark(name);
		else if (!strcmp(line, "exec"))
			execl("/proc/self/exe", "obey", NULL);
		else
			break;
		say("done %s\n", line);
	}
	if (kept) {
		kill(kept, SIGKILL);
		waitpid(kept, NULL, 0);
	}
	return strcmp(line, "quit") ? 2 : 0;
}
