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
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
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

static int memory_file(size_t pages)
{
	int file = memfd_create("zeroing", MFD_CLOEXEC);

	if (file < 0 || ftruncate(file, pages * PAGE)) {
		perror("memfd_create");
		exit(1);
	}
	return file;
}

static void load_memfd(const char *path)
{
	(void)path;
	touch(map(4096 * PAGE, MAP_SHARED, memory_file(4096)), 4096 * PAGE, PAGE);
}

static void load_memfd_populate(const char *path)
{
	(void)path;
	map(4096 * PAGE, MAP_SHARED | MAP_POPULATE, memory_file(4096));
}

/* Half of the file's pages are only read, of the others a copy is written to: the file gets all. */
static void load_memfd_private(const char *path)
{
	char *memory = map(4096 * PAGE, MAP_PRIVATE, memory_file(4096));
	char sum = 0;

	(void)path;
	for (size_t page = 0; page < 4096; page += 2)
		sum += *(volatile char *)(memory + page * PAGE);
	touch(memory + PAGE, 4096 * PAGE - PAGE, 2 * PAGE);
	if (sum)
		exit(1);
}

/* Written to first, by a call: that clears nothing, and what is then mapped is there already. */
static void load_memfd_written(const char *path)
{
	static char page[PAGE];
	int file = memory_file(0);

	(void)path;
	for (int i = 0; i < 4096; i++)
		if (write(file, page, PAGE) != PAGE)
			exit(1);
	touch(map(4096 * PAGE, MAP_SHARED, file), 4096 * PAGE, PAGE);
}

static void load_tmpfs(const char *path)
{
	char name[] = "/dev/shm/zeroing.XXXXXX";
	int file = mkstemp(name);

	(void)path;
	if (file < 0 || unlink(name) || ftruncate(file, 4096 * PAGE)) {
		perror(name);
		exit(1);
	}
	touch(map(4096 * PAGE, MAP_SHARED, file), 4096 * PAGE, PAGE);
}

static void load_sysv(const char *path)
{
	int id = shmget(IPC_PRIVATE, 4096 * PAGE, IPC_CREAT | 0600);
	char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	(void)path;
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	if (memory == (void *)-1) {
		perror("shmget");
		exit(1);
	}
	touch(memory, 4096 * PAGE, PAGE);
}

/* Where nothing is as large as a huge page, folios of 64 KiB can be had (hugepages-64kB/enabled, from 6.8 on). */
static void load_folios(const char *path)
{
	char *memory = map(34UL << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	(void)path;
	memory = (char *)(((unsigned long)memory + HUGE - 1) & ~(HUGE - 1));
	for (int i = 0; i < 16; i++) {
		madvise(memory + i * HUGE, HUGE / 2, MADV_HUGEPAGE);
		touch(memory + i * HUGE, HUGE / 2, 16 * PAGE);
	}
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
	    {"memfd", load_memfd},
	    {"memfd-populate", load_memfd_populate},
	    {"memfd-private", load_memfd_private},
	    {"memfd-written", load_memfd_written},
	    {"tmpfs", load_tmpfs},
	    {"sysv", load_sysv},
	    {"folios", load_folios},
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
