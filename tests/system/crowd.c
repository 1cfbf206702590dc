// SPDX-License-Identifier: MIT
/*
 * A program that has too much of something for the tracer's tables. Prints how many faults it asked for.
 *
 *   crowd files N FOLDER   maps N different files, one page each, and reads it; the last one's 10,000 pages last of all
 *   crowd maps N [wait]    N mappings of one page, each in a chunk of 2 MiB that another kind of memory shares; wait:
 *                          prints its process id, and touches them when a line comes
 *   crowd children N       N children at once, one page each
 *   crowd threads N        N threads at once, one page each
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE      4096L
#define CHUNK     (2L << 20)
#define BIG_PAGES 10000

static void fail(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void touch_file(const char *folder, long number, long pages)
{
	char path[256];
	volatile char *start;
	int file;

	snprintf(path, sizeof(path), "%s/%ld", folder, number);
	file = open(path, O_RDWR | O_CREAT, 0600);
	if (file < 0 || ftruncate(file, pages * PAGE))
		fail(path);
	start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (start == MAP_FAILED)
		fail("mmap");
	for (long page = 0; page < pages; page++)
		start[page * PAGE] = 1;
	munmap((void *)start, pages * PAGE);
	close(file);
	unlink(path);
}

static void touch_maps(long count, int waits)
{
	char *base = mmap(NULL, count * CHUNK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		fail("mmap");
	for (long i = 0; i < count; i++) {
		char *at = base + i * CHUNK;

		if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			fail("mmap");
		if (!waits)
			*(volatile char *)at = 1;
	}
	if (!waits)
		return;
	printf("%d\n", getpid());
	fflush(stdout);
	getchar();
	for (long i = 0; i < count; i++)
		*(volatile char *)(base + i * CHUNK) = 1;
	printf("done\n");
	fflush(stdout);
	getchar();
}

static void *thread(void *page)
{
	*(volatile char *)page = 1;
	pause();
	return NULL;
}

static char *fresh_page(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		fail("mmap");
	return page;
}

static void start_threads(long count)
{
	pthread_attr_t attributes;
	pthread_t id;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (long i = 0; i < count; i++)
		if (pthread_create(&id, &attributes, thread, fresh_page()))
			fail("pthread_create");
	usleep(200000);
}

static void start_children(long count)
{
	pid_t *children = calloc(count, sizeof(*children));

	for (long i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] < 0)
			fail("fork");
		if (!children[i])
			thread(fresh_page());
	}
	usleep(200000);
	for (long i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

int main(int count, char **arguments)
{
	long number = count > 2 ? atol(arguments[2]) : 0;

	if (count > 3 && !strcmp(arguments[1], "files")) {
		for (long i = 0; i < number; i++)
			touch_file(arguments[3], i, 1);
		touch_file(arguments[3], number, BIG_PAGES);
	} else if (number && !strcmp(arguments[1], "maps")) {
		touch_maps(number, count > 3);
	} else if (number && !strcmp(arguments[1], "children")) {
		start_children(number);
	} else if (number && !strcmp(arguments[1], "threads")) {
		start_threads(number);
	} else {
		return 2;
	}
	printf("%ld\n", number);
	return 0;
}
