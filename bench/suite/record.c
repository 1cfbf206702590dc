/* SPDX-License-Identifier: MIT */
/*
 * Records a program's allocation calls, for bench/replay.c, which has the format:
 *
 *     BENCH_RECORD=calls.txt LD_PRELOAD=build/bench/suite/record.so program...
 *
 * The blocks come from glibc. What the program starts in its turn is not recorded.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own names for its functions, by which they are reached without looking them up (which would allocate). */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char buffer[1 << 16];
static size_t used;
static int file = -1;
static pid_t recorded;

static void flush(void)
{
	for (size_t done = 0; done < used;) {
		ssize_t written = write(file, buffer + done, used - done);

		if (written < 0 && errno != EINTR)
			break;
		done += written > 0 ? written : 0;
	}
	used = 0;
}

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("BENCH_RECORD");

	if (!path)
		return;
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file < 0) {
		dprintf(STDERR_FILENO, "record: %s: %s\n", path, strerror(errno));
		_exit(2);
	}
	recorded = getpid();
	unsetenv("BENCH_RECORD");
}

__attribute__((destructor)) static void end(void)
{
	pthread_mutex_lock(&lock);
	if (file >= 0 && getpid() == recorded)
		flush();
	file = -1;
	pthread_mutex_unlock(&lock);
}

static void put(char separator, uint64_t number)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;

	while (shift && !(number >> shift))
		shift -= 4;
	buffer[used++] = separator;
	for (; shift >= 0; shift -= 4)
		buffer[used++] = digits[number >> shift & 15];
}

/* The lock is held. `count` numbers follow the kind. */
static void note(char kind, int count, const uint64_t *numbers)
{
	if (file < 0 || getpid() != recorded)
		return;
	if (used > sizeof(buffer) - 80)
		flush();
	buffer[used++] = kind;
	for (int i = 0; i < count; i++)
		put(' ', numbers[i]);
	buffer[used++] = '\n';
}

static void *note_block(char kind, void *memory, size_t size, size_t alignment)
{
	if (memory && file >= 0) {
		pthread_mutex_lock(&lock);
		note(kind, kind == 'a' ? 3 : 2, (uint64_t[]){(uintptr_t)memory, size, alignment});
		pthread_mutex_unlock(&lock);
	}
	return memory;
}

void *malloc(size_t size)
{
	return note_block('m', __libc_malloc(size), size, 0);
}

void *calloc(size_t count, size_t size)
{
	return note_block('c', __libc_calloc(count, size), count * size, 0);
}

void *memalign(size_t alignment, size_t size)
{
	return note_block('a', __libc_memalign(alignment, size), size, alignment);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	void *block;

	if (alignment % sizeof(void *) || !alignment || alignment & (alignment - 1))
		return EINVAL;
	block = memalign(alignment, size);
	if (!block)
		return ENOMEM;
	*memory = block;
	return 0;
}

/* A free is noted before it happens and a block after: nobody can be given the block before its free is noted. */
void free(void *memory)
{
	if (memory && file >= 0) {
		pthread_mutex_lock(&lock);
		note('f', 1, (uint64_t[]){(uintptr_t)memory});
		pthread_mutex_unlock(&lock);
	}
	__libc_free(memory);
}

/* realloc frees and allocates at once, so it happens under the lock. */
void *realloc(void *memory, size_t size)
{
	void *block;

	if (!memory)
		return malloc(size);
	if (!size) {
		free(memory);
		return NULL;
	}
	pthread_mutex_lock(&lock);
	block = __libc_realloc(memory, size);
	if (block)
		note('r', 3, (uint64_t[]){(uintptr_t)memory, (uintptr_t)block, size});
	pthread_mutex_unlock(&lock);
	return block;
}
