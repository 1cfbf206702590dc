/* SPDX-License-Identifier: MIT */
/*
 * Writes to PAGES pages in turn, one byte of each, ROUNDS times: the accesses to their memory, and so the misses of a
 * TLB of which the shape is known, follow from that. WHERE: anon (mmap), bss, malloc (one block), thread (mmap, by a
 * second thread), fork (a child does the same before), exec (goes on as another program: itself, anon).
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE       4096L
#define MOST_PAGES 4096L

static volatile char in_bss[(MOST_PAGES + 1) * PAGE];
static long pages, rounds;

static void touch(volatile char *memory)
{
	for (long round = 0; round < rounds; round++)
		for (long page = 0; page < pages; page++)
			memory[page * PAGE] = 1;
}

static volatile char *map(void)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void *touch_in_thread(void *memory)
{
	touch(memory);
	return NULL;
}

static void run_thread(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, touch_in_thread, (void *)map()))
		pthread_join(thread, NULL);
}

static void run_fork(void)
{
	if (!fork()) {
		touch(map());
		_exit(0);
	}
	wait(NULL);
	touch(map());
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	pages = atol(argv[1]);
	rounds = atol(argv[2]);
	if (pages < 1 || pages > MOST_PAGES)
		return 2;
	if (!strcmp(argv[3], "anon"))
		touch(map());
	else if (!strcmp(argv[3], "bss"))
		touch(in_bss);
	else if (!strcmp(argv[3], "malloc"))
		touch(malloc(pages * PAGE));
	else if (!strcmp(argv[3], "thread"))
		run_thread();
	else if (!strcmp(argv[3], "fork"))
		run_fork();
	else if (!strcmp(argv[3], "exec"))
		execl(argv[0], argv[0], argv[1], argv[2], "anon", NULL);
	else
		return 2;
	return 0;
}
