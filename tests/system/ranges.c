// SPDX-License-Identifier: MIT
/*
 * Ranges that are easy to get wrong; each case touches a known number of fresh pages.
 *
 *   ranges reservations   400 pages of a kept 8 GiB reservation, after forty others of 4 GiB came and went
 *   ranges altstack       64 pages of a signal stack that has a mapping of its own
 *   ranges stray-tls      500 pages that clone() was given as tls without CLONE_SETTLS
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096UL
#define GIB  (1UL << 30)

static char *map(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory != MAP_FAILED)
		madvise(memory, size, MADV_NOHUGEPAGE);
	return memory == MAP_FAILED ? NULL : memory;
}

static void touch(volatile char *memory, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		memory[i * PAGE] = 1;
}

static int reservations(void)
{
	char *kept = map(8 * GIB);

	for (int i = 0; kept && i < 40; i++) {
		char *other = map(4 * GIB);

		if (!other || munmap(other, 4 * GIB))
			return 1;
	}
	if (!kept)
		return 1;
	touch(kept + 5 * GIB, 400);
	return 0;
}

static int altstack(void)
{
	stack_t stack = {.ss_sp = map(64 * PAGE), .ss_size = 64 * PAGE};

	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		return 1;
	touch(stack.ss_sp, 64);
	return 0;
}

static int child_main(void *data)
{
	touch(data, 500);
	return 0;
}

static int stray_tls(void)
{
	char *stack = map(64 * PAGE + 500 * PAGE), *data = stack + 64 * PAGE;
	int status = 1;
	pid_t child;

	if (!stack)
		return 1;
	/* The last word is what glibc passes on as tls; no flag says that it is one. */
	child = clone(child_main, data, CLONE_VM | SIGCHLD, data, NULL, data + 400 * PAGE, NULL);
	return child < 0 || waitpid(child, &status, 0) != child ? 1 : status;
}

int main(int count, char **arguments)
{
	const char *which = count > 1 ? arguments[1] : "";

	if (!strcmp(which, "reservations"))
		return reservations();
	if (!strcmp(which, "altstack"))
		return altstack();
	if (!strcmp(which, "stray-tls"))
		return stray_tls();
	fprintf(stderr, "ranges: give reservations, altstack or stray-tls\n");
	return 2;
}
