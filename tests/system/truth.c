/* SPDX-License-Identifier: MIT */
/*
 * Touches a known number of pages of the program's own memory and of what it maps itself. See truth.h.
 */
#include <setjmp.h>
#include <signal.h>

#include "truth.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define HUGE_PAGE  (512 * PAGE)
#define DATA_PAGES 512L

static char zeroes[MOST_PAGES * PAGE] __attribute__((aligned(PAGE)));
static char initialised[DATA_PAGES * PAGE] __attribute__((aligned(PAGE))) = {1};

static void __attribute__((noinline)) stack(long pages)
{
	/* One page more than is touched: the lowest may be shared with the frame of whoever is called next. */
	volatile char *memory = __builtin_alloca((pages + 1) * PAGE);

	for (long page = pages; page > 0; page--)
		memory[page * PAGE] = 1;
	expect("stack", "main", pages);
}

static void bss(long pages)
{
	touch(zeroes, pages);
	expect("program", "bss", pages);
	expect_zeroed("program", "bss", pages * PAGE);
}

/* Each write copies a page of the executable; whether a read mapped it before doesn't matter. */
static void data(long pages)
{
	if (pages > DATA_PAGES)
		pages = DATA_PAGES;
	touch(initialised, pages);
	expect("program", "data", pages);
}

static void anonymous(long pages)
{
	touch(map(pages, 0), pages);
	expect("anon", TRUTH_NAME, pages);
	expect_zeroed("anon", TRUTH_NAME, pages * PAGE);
}

static void touched_again(long pages)
{
	char *memory = map(pages, 0);

	touch(memory, pages);
	if (madvise(memory, pages * PAGE, MADV_DONTNEED))
		fail("madvise");
	touch(memory, pages);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect_zeroed("anon", TRUTH_NAME, 2 * pages * PAGE);
}

/* A read maps the kernel's one zero page, the write after it replaces that: two faults, one page zeroed. */
static void zero_page(long pages)
{
	char *memory = map(pages, 0);

	touch_by_reading(memory, pages);
	touch(memory, pages);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect_zeroed("anon", TRUTH_NAME, pages * PAGE);
}

/* Grown in place or moved, the pages that are there stay. */
static void mremap_grown(long pages)
{
	long half = (pages + 1) / 2;
	char *memory = map(half, 0);

	touch(memory, half);
	memory = mremap(memory, half * PAGE, pages * PAGE, MREMAP_MAYMOVE);
	if (memory == MAP_FAILED)
		fail("mremap");
	touch(memory, pages);
	expect("anon", TRUTH_NAME, pages);
}

/* The kernel writes to the buffer; a hole of a memfd is read so that there is no file page to fault. */
static void read_call(long pages)
{
	char *memory = map(pages, 0);
	int file = memfd_create("source", 0);

	if (file < 0 || ftruncate(file, pages * PAGE))
		fail("memfd");
	if (read(file, memory, pages * PAGE) != pages * PAGE)
		fail("read");
	close(file);
	expect("anon", TRUTH_NAME, pages);
	report_line("expect-populated anon %s 0\n", TRUTH_NAME); /* each took an exception, of the kernel's */
}

static void populate_mmap(long pages)
{
	map(pages, MAP_POPULATE);
	expect_populated("anon", TRUTH_NAME, pages);
}

static void populate_madvise(long pages)
{
	char *memory = map(pages, 0);

	if (madvise(memory, pages * PAGE, MADV_POPULATE_WRITE)) {
		report_line("skip no MADV_POPULATE_WRITE\n");
		return;
	}
	expect_populated("anon", TRUTH_NAME, pages);
}

static void populate_mlock(long pages)
{
	char *memory = map(pages, 0);

	if (mlock(memory, pages * PAGE)) {
		report_line("skip mlock refused\n");
		return;
	}
	expect_populated("anon", TRUTH_NAME, pages);
}

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(after_fault, 1);
}

static void failed(long pages)
{
	volatile char *memory = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sigaction action = {.sa_handler = on_fault};
	volatile long done = 0;

	if (memory == MAP_FAILED || sigaction(SIGSEGV, &action, NULL))
		fail("SIGSEGV handler");
	if (sigsetjmp(after_fault, 1))
		done++;
	if (done < pages)
		memory[0] = 1;
	report_line("expect-failed %ld\n", pages);
}

/* Where the kernel gives huge pages it is one fault each; its own count says whether it did. */
static void huge_pages(long pages)
{
	long huge = (pages * PAGE + HUGE_PAGE - 1) / HUGE_PAGE;
	char *memory = map((huge + 1) * HUGE_PAGE / PAGE, 0);
	struct rusage before, after;

	memory += HUGE_PAGE - (size_t)memory % HUGE_PAGE;
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	if (madvise(memory, huge * HUGE_PAGE, MADV_HUGEPAGE)) {
		report_line("skip no MADV_HUGEPAGE\n");
		return;
	}
	getrusage(RUSAGE_SELF, &before);
	touch(memory, huge * HUGE_PAGE / PAGE);
	getrusage(RUSAGE_SELF, &after);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	expect("anon", TRUTH_NAME, after.ru_minflt - before.ru_minflt);
	expect_zeroed("anon", TRUTH_NAME, huge * HUGE_PAGE);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"stack", "baseline", stack, false},
    {"bss", "baseline", bss, false},
    {"data", "baseline", data, false},
    {"anon", "baseline", anonymous, false},
    {"touched-again", "baseline", touched_again, false},
    {"zero-page", "baseline", zero_page, false},
    {"mremap", "baseline", mremap_grown, false},
    {"read-call", "baseline", read_call, false},
    {"populate-mmap", "baseline", populate_mmap, false},
    {"populate-madvise", "baseline", populate_madvise, false},
    {"populate-mlock", "baseline", populate_mlock, false},
    {"failed", "baseline", failed, false},
    {"huge-pages", "baseline", huge_pages, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
