/* SPDX-License-Identifier: MIT */
/*
 * Touches a known number of pages for each reason that a page can fault, and in each part of a run. See truth.h.
 *
 * Where it is the kernel's choice whether a page faults, getrusage says how often it did.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "hakmem_mark.h"
#include "truth.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define HUGE_PAGE (512 * PAGE)
#define THREADS   4
#define SELF      "truth_cause"

static void give_back(char *memory, long pages, int advice)
{
	if (madvise(memory, pages * PAGE, advice))
		fail("madvise");
}

static long own_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage); /* which may fault itself */
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/* How many faults that takes. Of its first call the code itself may fault. */
static long __attribute__((noinline)) touch_counted(volatile char *memory, long pages)
{
	long before = own_faults();

	touch(memory, pages);
	return own_faults() - before;
}

static void expect_anon(const char *cause, long faults)
{
	expect_cause("anon", SELF, cause, faults);
}

static void first_touch(long pages)
{
	touch(map(pages, 0), pages);
	expect_anon("first-touch", pages);
}

static void dontneed(long pages)
{
	char *memory = map(pages, 0);

	touch(memory, pages);
	give_back(memory, pages, MADV_DONTNEED);
	touch(memory, pages);
	give_back(memory + PAGE, pages - 1, MADV_DONTNEED);
	touch_by_reading(memory, pages);
	expect_anon("first-touch", pages);
	expect_anon("purged", 2 * pages - 1);
	expect_purger("anon", SELF, "madvise", 2 * pages - 1);
}

/* Pages that are free to take are taken when they are to be paged out. */
static void lazily_freed(long pages)
{
	char *memory = map(pages, 0);

	touch_counted(memory, pages);
	give_back(memory, pages, MADV_FREE);
	if (madvise(memory, pages * PAGE, MADV_PAGEOUT)) {
		report_line("skip no MADV_PAGEOUT\n");
		return;
	}
	expect_anon("first-touch", pages);
	expect_anon("purged", touch_counted(memory, pages));
}

static void unmapped(long pages)
{
	char *memory = map(pages, 0);

	touch(memory, pages);
	munmap(memory, pages * PAGE);
	touch(map_over(memory, pages), pages);
	expect_anon("first-touch", pages);
	expect_anon("purged", pages);
	expect_purger("anon", SELF, "munmap", pages);
}

static void mapped_over(long pages)
{
	char *memory = map(pages, 0);

	touch(memory, pages);
	touch(map_over(memory, pages), pages);
	expect_anon("first-touch", pages);
	expect_anon("purged", pages);
	expect_purger("anon", SELF, "mmap", pages);
}

/* The second memory at the address is somebody else's: a file's, then ours again. */
static void handed_on(long pages)
{
	char *memory = map(pages, 0);
	int file = memfd_create("cause", 0);

	if (file < 0 || ftruncate(file, pages * PAGE))
		fail("memfd");
	touch(memory, pages);
	munmap(memory, pages * PAGE);
	if (mmap(memory, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != memory)
		fail("mmap");
	touch(memory, pages);
	munmap(memory, pages * PAGE);
	touch(map_over(memory, pages), pages);
	expect_anon("first-touch", 2 * pages);
	expect_anon("purged", 0);
	expect_cause("file", "memfd:cause", "file", pages);
}

static void broken_off(long pages)
{
	char *start = sbrk(0);

	start += PAGE - (size_t)start % PAGE;
	if (brk(start + pages * PAGE))
		fail("brk");
	touch(start, pages);
	if (brk(start) || brk(start + pages * PAGE))
		fail("brk");
	touch(start, pages);
	if (brk(start))
		fail("brk");
	expect_anon("first-touch", pages);
	expect_anon("purged", pages);
}

/* Its pages go along, and so does what is known of them. */
static void moved(long pages)
{
	char *memory = map(pages, 0), *room = map(pages + 3, 0) + 3 * PAGE;

	touch(memory, pages);
	if (mremap(memory, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room) != room)
		fail("mremap");
	touch(room, pages);
	give_back(room, pages, MADV_DONTNEED);
	touch(room, pages);
	touch(map_over(memory, pages), pages);
	expect_anon("first-touch", 2 * pages);
	expect_anon("purged", pages);
}

static void zero_page(long pages)
{
	char *memory = map(pages, 0);

	touch_by_reading(memory, pages);
	touch(memory, pages);
	expect_anon("first-touch", pages);
	expect_anon("zero-page", pages);
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("child");
}

/* The parent copies while the child lives; then the child finds itself alone with its pages. */
static void copied(long pages)
{
	char *memory = map(pages, 0);
	int ready[2];
	pid_t child;
	char byte;

	touch(memory, pages);
	if (pipe(ready))
		fail("pipe");
	child = fork();
	if (!child) {
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		touch(memory, pages);
		_exit(0);
	}
	touch(memory, pages);
	if (write(ready[1], "g", 1) != 1)
		fail("write");
	wait_for(child);
	expect_anon("first-touch", pages);
	expect_anon("copy-on-write", 2 * pages);
}

/* What the parent has done is known in the child, and what the child does then is not the parent's. */
static void inherited(long pages)
{
	char *memory = map(pages, 0);
	pid_t child;

	touch(memory, pages);
	child = fork();
	if (!child) {
		give_back(memory, pages, MADV_DONTNEED);
		touch(memory, pages);
		_exit(0);
	}
	wait_for(child);
	touch_by_reading(memory, pages);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect_anon("first-touch", pages);
	expect_anon("purged", pages);
}

/* Some kernels make pages writable again in mprotect itself. */
static void protected(long pages)
{
	char *memory = map(pages, 0);

	touch_counted(memory, pages);
	if (mprotect(memory, pages * PAGE, PROT_READ) || mprotect(memory, pages * PAGE, PROT_READ | PROT_WRITE))
		fail("mprotect");
	expect_anon("first-touch", pages);
	expect_anon("protection", touch_counted(memory, pages));
}

static void shared(long pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	touch(memory, pages);
	expect_cause("file", "*", "file", pages);
	give_back(memory, pages, MADV_DONTNEED);
	touch(memory, pages);
	expect_cause("file", "*", "purged", pages);
}

static void populated(long pages)
{
	char *memory = map(2 * pages, 0);

	if (mmap(memory, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE,
	        -1, 0) != memory)
		fail("mmap");
	give_back(memory, pages / 2, MADV_DONTNEED);
	if (madvise(memory, pages * PAGE, MADV_POPULATE_WRITE)) {
		report_line("skip no MADV_POPULATE_WRITE\n");
		return;
	}
	touch(memory, pages);
	munmap(memory, pages * PAGE);
	if (mmap(memory, 2 * pages * PAGE, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) != memory)
		fail("mmap");
	expect_anon("first-touch", 2 * pages);
	expect_anon("purged", pages / 2 + pages);
}

static void huge_page(long pages)
{
	char *memory = map(3 * HUGE_PAGE / PAGE, 0);

	(void)pages;
	touch_counted(memory, 0);
	memory += HUGE_PAGE - (size_t)memory % HUGE_PAGE;
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	if (madvise(memory, 2 * HUGE_PAGE, MADV_HUGEPAGE)) {
		report_line("skip no MADV_HUGEPAGE\n");
		return;
	}
	expect_anon("first-touch", touch_counted(memory, 2 * HUGE_PAGE / PAGE));
	give_back(memory, 2 * HUGE_PAGE / PAGE, MADV_DONTNEED);
	/* Another page of it is the first to be touched. */
	expect_anon("purged", touch_counted(memory + 7 * PAGE, 1) + touch_counted(memory, 2 * HUGE_PAGE / PAGE));
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

/* Whether there is swap space: /proc/swaps has a line more than its head. */
static bool can_swap(void)
{
	char text[512];
	int file = open("/proc/swaps", O_RDONLY);
	ssize_t length = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
	char *line;

	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
	line = strchr(text, '\n');
	return line && line[1];
}

/* Read back one by one or several at once: each page's own fault finds it in swap space, or on its way from there. */
static void swapped(long pages)
{
	char *memory;
	long faults;

	if (!can_swap()) {
		report_line("skip no swap space\n");
		return;
	}
	memory = map(pages, 0);
	touch_counted(memory, pages);
	if (madvise(memory, pages * PAGE, MADV_PAGEOUT)) {
		report_line("skip no MADV_PAGEOUT\n");
		return;
	}
	faults = touch_counted(memory, pages);
	if (faults < pages / 2) {
		report_line("skip the kernel did not swap\n");
		return;
	}
	expect_anon("first-touch", pages);
	expect_anon("swap", faults);
	expect_anon("purged", 0);
}

static pthread_barrier_t together;
static char *contended;
static long contended_pages;

static void *contend(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&together);
	touch(contended, contended_pages);
	return NULL;
}

static void start_threads(long pages)
{
	pthread_t threads[THREADS];

	contended_pages = pages;
	if (pthread_barrier_init(&together, NULL, THREADS))
		fail("barrier");
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, contend, NULL))
			fail("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void threads_only(long pages)
{
	(void)pages;
	start_threads(0);
}

/* However many faults a page takes when threads touch it at the same time, none is said to be for another reason. */
static void raced(long pages)
{
	contended = map(pages, 0);
	start_threads(pages);
	expect_anon("purged", 0);
	expect_anon("swap", 0);
	expect_anon("protection", 0);
}

static void marked(long pages)
{
	touch(map(pages, 0), pages);
	hakmem_mark("one");
	touch(map(2 * pages, 0), 2 * pages);
	hakmem_mark("two");
	touch(map(pages, 0), pages);
	hakmem_mark("one");
	touch(map(pages, 0), pages);
	expect("anon", SELF, 5 * pages);
	expect_phase("before-main", "anon", 0);
	expect_phase("main", "anon", pages);
	expect_phase("one", "anon", 3 * pages);
	expect_phase("two", "anon", pages);
}

/* A child is in its parent's phase, and its own marks are its own. */
static void marked_child(long pages)
{
	char *memory;
	pid_t child;

	hakmem_mark("one");
	memory = map(pages, 0);
	child = fork();
	if (!child) {
		touch(memory, pages);
		hakmem_mark("two");
		touch(map(pages, 0), pages);
		_exit(0);
	}
	wait_for(child);
	touch(memory, pages);
	expect_phase("one", "anon", 2 * pages);
	expect_phase("two", "anon", pages);
}

static char before_main[16 * PAGE] __attribute__((aligned(PAGE)));

static void __attribute__((constructor)) touch_before_main(void)
{
	if (getenv("TRUTH_BEFORE_MAIN"))
		touch(before_main, 16);
}

/* What a constructor touches is before main, also in a program that is not the first of the run. */
static void constructed(long pages)
{
	char number[16];
	pid_t child = fork();

	snprintf(number, sizeof(number), "%ld", pages);
	if (!child) {
		setenv("TRUTH_BEFORE_MAIN", "1", 1);
		close(STDOUT_FILENO);
		if (open("/dev/null", O_WRONLY) != STDOUT_FILENO)
			_exit(1);
		execl("/proc/self/exe", "quietly", "baseline", number, NULL);
		_exit(1);
	}
	wait_for(child);
	expect_phase_range("before-main", "program", 24, 48);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"baseline-threads", NULL, threads_only, false},
    {"first-touch", "baseline", first_touch, false},
    {"dontneed", "baseline", dontneed, false},
    {"lazily-freed", "baseline", lazily_freed, false},
    {"unmapped", "baseline", unmapped, false},
    {"mapped-over", "baseline", mapped_over, false},
    {"handed-on", "baseline", handed_on, false},
    {"broken-off", "baseline", broken_off, false},
    {"moved", "baseline", moved, false},
    {"zero-page", "baseline", zero_page, false},
    {"copied", "none", copied, false},
    {"inherited", "none", inherited, false},
    {"protected", "baseline", protected, false},
    {"shared", "baseline", shared, false},
    {"populated", "baseline", populated, false},
    {"huge-page", "baseline", huge_page, false},
    {"swapped", "baseline", swapped, false},
    {"raced", "none", raced, false},
    {"marked", "baseline", marked, false},
    {"marked-child", "none", marked_child, false},
    {"constructed", "none", constructed, true},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
