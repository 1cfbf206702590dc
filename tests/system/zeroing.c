// SPDX-License-Identifier: MIT
/*
 * Makes the kernel clear a known number of pages, in each of the ways that it does: zeroing LOAD [FILE]. zeroing.sh
 * knows how many.
 */
#include <fcntl.h>
#include <linux/mman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define HUGE (2UL << 20)

static char *map(size_t bytes, int flags, int file)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, file, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void touch(char *memory, size_t bytes, size_t step)
{
	for (size_t i = 0; i < bytes; i += step)
		*(volatile char *)(memory + i) = 1;
}

/* madvise can do it from 5.14 on. */
static void populate(char *memory, size_t bytes)
{
	if (madvise(memory, bytes, MADV_POPULATE_WRITE) && mlock(memory, bytes))
		exit(77);
}

static void load_anon(const char *path)
{
	char *memory = map(64UL << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	(void)path;
	madvise(memory, 64UL << 20, MADV_NOHUGEPAGE);
	touch(memory, 64UL << 20, PAGE);
}

static void load_populate(const char *path)
{
	char *memory = map(64UL << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	(void)path;
	madvise(memory, 64UL << 20, MADV_NOHUGEPAGE);
	populate(memory, 64UL << 20);
}

static char *map_huge(void)
{
	char *memory = map((64UL << 20) + HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memory = (char *)(((unsigned long)memory + HUGE - 1) & ~(HUGE - 1));
	madvise(memory, 64UL << 20, MADV_HUGEPAGE);
	return memory;
}

static void load_thp(const char *path)
{
	(void)path;
	touch(map_huge(), 64UL << 20, HUGE);
}

static void load_thp_populate(const char *path)
{
	(void)path;
	populate(map_huge(), 64UL << 20);
}

static void load_hugetlb(const char *path)
{
	(void)path;
	touch(map(16UL << 20, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT, -1), 16UL << 20, HUGE);
}

static void load_shmem(const char *path)
{
	(void)path;
	touch(map(4096 * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1), 4096 * PAGE, PAGE);
}

static void load_shmem_populate(const char *path)
{
	(void)path;
	map(4096 * PAGE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1);
}

/* The file is there already, of 4096 pages. */
static void load_cow(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0) {
		perror(path);
		exit(1);
	}
	touch(map(4096 * PAGE, MAP_PRIVATE, file), 4096 * PAGE, PAGE);
}

static void load_pipe(const char *path)
{
	static char page[PAGE];
	int ends[2];

	(void)path;
	if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) < 0) {
		perror("pipe");
		exit(1);
	}
	for (int i = 0; i < 256; i++)
		if (write(ends[1], page, PAGE) != PAGE)
			exit(1);
}

static void load_none(const char *path)
{
	(void)path;
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		void (*run)(const char *path);
	} loads[] = {
	    {"none", load_none},
	    {"anon", load_anon},
	    {"populate", load_populate},
	    {"thp", load_thp},
	    {"thp-populate", load_thp_populate},
	    {"hugetlb", load_hugetlb},
	    {"shmem", load_shmem},
	    {"shmem-populate", load_shmem_populate},
	    {"cow", load_cow},
	    {"pipe", load_pipe},
	};

	for (size_t i = 0; count > 1 && i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (!strcmp(arguments[1], loads[i].name)) {
			loads[i].run(count > 2 ? arguments[2] : NULL);
			return 0;
		}
	}
	fprintf(stderr, "zeroing: no such load\n");
	return 2;
}
