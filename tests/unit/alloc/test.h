/* SPDX-License-Identifier: MIT */
/*
 * What the allocator's unit tests share. Each program runs on libhakmem itself and may look inside it.
 */
#ifndef HAKMEM_TEST_H
#define HAKMEM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_THREAD_SANITIZER
#endif
#endif

/* Keeps the compiler from knowing what a pointer is or that it is unused. */
static inline void *opaque(void *pointer)
{
	__asm__ volatile("" : "+r"(pointer) : : "memory");
	return pointer;
}

static inline size_t opaque_size(size_t size)
{
	__asm__ volatile("" : "+r"(size));
	return size;
}

/* Runs `body` in a forked child, gathers what it writes to standard error, and returns the wait status. */
static inline int run_in_child(void (*body)(void *), void *argument, char *output, size_t output_size)
{
	int ends[2], status;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		body(argument);
		_exit(0);
	}
	close(ends[1]);
	while (length + 1 < output_size && (got = read(ends[0], output + length, output_size - 1 - length)) > 0)
		length += (size_t)got;
	output[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

#define CHILD_SKIPS 77

/* Runs `body` in a forked child, which must end well, or with CHILD_SKIPS: then the test is skipped. */
static inline void child_succeeds(void (*body)(void *), void *argument)
{
	char text[256];
	int status = run_in_child(body, argument, text, sizeof(text));

	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPS)
		skip();
	assert_int_equal(status, 0);
}

static inline long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Pages of a mapping that are in memory. */
static inline size_t resident_pages(const void *address, size_t size)
{
	static unsigned char present[1 << 16];
	size_t pages = size / PAGE_SIZE, count = 0;

	assert_true(pages <= sizeof(present));
	assert_int_equal(mincore((void *)address, size, present), 0);
	for (size_t i = 0; i < pages; i++)
		count += present[i] & 1;
	return count;
}

#endif
