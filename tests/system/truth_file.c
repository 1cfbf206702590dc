/* SPDX-License-Identifier: MIT */
/*
 * Touches a known number of pages of files and of memory that is shared like files. See truth.h.
 *
 * The files are written just before they are mapped, so their pages are in the page cache and every fault is minor.
 */
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "truth.h"

#define FILE_NAME "truth-file"

static char directory[4000];

/* One page of bss as the source: write() reads the zero page there, which is one fault at most. */
static char page_of_zeroes[PAGE] __attribute__((aligned(PAGE)));

static int make_file(long pages)
{
	const char *parent = getenv("TMPDIR");
	char path[4096];
	int file;

	snprintf(directory, sizeof(directory), "%s/truth-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(directory))
		fail(directory);
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (file < 0)
		fail(path);
	for (long page = 0; page < pages; page++)
		if (write(file, page_of_zeroes, PAGE) != PAGE)
			fail("write");
	return file;
}

static void remove_file(int file)
{
	char path[4096];

	close(file);
	snprintf(path, sizeof(path), "%s/" FILE_NAME, directory);
	unlink(path);
	rmdir(directory);
}

static char *map_file(int file, long pages, int protection, int flags)
{
	char *memory = mmap(NULL, pages * PAGE, protection, flags, file, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

/* Makes, writes and removes a file without mapping it, so that what that costs can be subtracted. */
static void make_only(long pages)
{
	remove_file(make_file(pages));
}

static void private_written(long pages)
{
	int file = make_file(pages);

	touch(map_file(file, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE), pages);
	remove_file(file);
	expect("file", FILE_NAME, pages);
}

static void shared_written(long pages)
{
	int file = make_file(pages);

	touch(map_file(file, pages, PROT_READ | PROT_WRITE, MAP_SHARED), pages);
	remove_file(file);
	expect("file", FILE_NAME, pages);
}

static void file_read(long pages)
{
	int file = make_file(pages);

	touch_by_reading(map_file(file, pages, PROT_READ, MAP_PRIVATE), pages);
	remove_file(file);
	expect_most("file", FILE_NAME, pages);
}

static char *map_memfd(long pages, void *where)
{
	int file = memfd_create("truth", 0);
	char *memory;

	if (file < 0 || ftruncate(file, pages * PAGE))
		fail("memfd");
	memory = mmap(where, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | (where ? MAP_FIXED : 0), file, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	close(file);
	return memory;
}

static void memfd(long pages)
{
	touch(map_memfd(pages, NULL), pages);
	expect("file", "memfd:truth", pages);
}

/* The same addresses are anonymous first and a file's later. */
static void replaced(long pages)
{
	char *memory = map(pages, 0);

	touch(memory, pages);
	touch(map_memfd(pages, memory), pages);
	expect("anon", TRUTH_NAME, pages);
	expect("file", "memfd:truth", pages);
}

static void shared_anonymous(long pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	touch(memory, pages);
	expect("file", "*", pages);
}

static void system_v(long pages)
{
	int segment = shmget(IPC_PRIVATE, pages * PAGE, IPC_CREAT | 0600);
	char *memory;

	if (segment < 0) {
		report_line("skip no System V shared memory\n");
		return;
	}
	memory = shmat(segment, NULL, 0);
	shmctl(segment, IPC_RMID, NULL);
	if (memory == (void *)-1)
		fail("shmat");
	touch(memory, pages);
	expect("file", "*", pages);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"baseline-file", NULL, make_only, false},
    {"file-private-written", "baseline-file", private_written, false},
    {"file-shared-written", "baseline-file", shared_written, false},
    {"file-read", "baseline-file", file_read, false},
    {"memfd", "baseline", memfd, false},
    {"replaced", "baseline", replaced, false},
    {"shared-anonymous", "baseline", shared_anonymous, false},
    {"system-v", "baseline", system_v, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
