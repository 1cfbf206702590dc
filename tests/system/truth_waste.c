/* SPDX-License-Identifier: MIT */
/*
 * Has memory zeroed by the kernel, stores something other than zeroes in a known share of its pages, and gives it back
 * in each way there is. See truth.h.
 *
 * Storing a zero has a page zeroed and leaves it as it was. What is stored otherwise lies anywhere in its page, and
 * which pages get it is as regular as can be: an estimate that looked at every so many pages would be far off.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "truth.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#define HUGE_PAGE (512 * PAGE)
#define LARGE     16384L /* pages: the estimate's interval is narrow enough to tell */
#define CHILDREN  8
#define SELF      "truth_waste"

/* Of each four pages one gets something other than a zero, at another place of the page each time. */
static void use_a_quarter(volatile char *memory, long pages)
{
	for (long page = 0; page < pages; page++) {
		volatile char *at = memory + page * PAGE;

		at[page * 509 % PAGE] = page % 4 == 1;
	}
}

static char *quarter_used(long pages)
{
	char *memory = map(pages, 0);

	use_a_quarter(memory, pages);
	return memory;
}

static void expect_three_quarters(void)
{
	expect_waste("anon", SELF, 750);
}

static void unmapped(long pages)
{
	char *memory = quarter_used(LARGE);

	(void)pages;
	munmap(memory, LARGE * PAGE);
	expect_three_quarters();
}

static void dontneed(long pages)
{
	char *memory = quarter_used(LARGE);

	(void)pages;
	if (madvise(memory, LARGE * PAGE, MADV_DONTNEED))
		fail("madvise");
	expect_three_quarters();
}

/* Page by page, and each is used again: what it held then does not count for what it held before. */
static void dontneed_by_pages(long pages)
{
	char *memory = map(pages, 0);

	for (long page = 0; page < pages; page++) {
		memory[page * PAGE] = page % 2;
		if (madvise(memory + page * PAGE, PAGE, MADV_DONTNEED))
			fail("madvise");
		memory[page * PAGE + PAGE - 1] = 0;
	}
	expect_waste("anon", SELF, 750);
}

static void at_exit(long pages)
{
	(void)pages;
	quarter_used(LARGE);
	expect_three_quarters();
}

static void mapped_over(long pages)
{
	char *memory = quarter_used(LARGE);

	(void)pages;
	map_over(memory, LARGE);
	expect_three_quarters();
}

/* The samples go along; what is stored after that counts. */
static void moved(long pages)
{
	char *memory = map(LARGE, 0), *room = map(LARGE + 3, 0) + 3 * PAGE;

	(void)pages;
	for (long page = 0; page < LARGE; page++)
		memory[page * PAGE] = 0;
	if (mremap(memory, LARGE * PAGE, LARGE * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room) != room)
		fail("mremap");
	use_a_quarter(room, LARGE);
	expect_three_quarters();
}

static void shrunk(long pages)
{
	char *memory = quarter_used(LARGE);

	(void)pages;
	if (mremap(memory, LARGE * PAGE, PAGE, 0) != memory)
		fail("mremap");
	expect_three_quarters();
}

static void broken_off(long pages)
{
	char *start = sbrk(0);

	(void)pages;
	start += PAGE - (size_t)start % PAGE;
	if (brk(start + LARGE * PAGE))
		fail("brk");
	use_a_quarter(start, LARGE);
	if (brk(start))
		fail("brk");
	expect_waste("anon", SELF, 750);
}

static void populated(long pages)
{
	char *memory = map(LARGE, MAP_POPULATE);

	(void)pages;
	use_a_quarter(memory, LARGE);
	munmap(memory, LARGE * PAGE);
	expect_three_quarters();
}

/* One byte of a huge page keeps its other pages from nothing. */
static void huge_pages(long pages)
{
	char *memory = map(65 * HUGE_PAGE / PAGE, 0);
	struct rusage before, after;

	(void)pages;
	memory += HUGE_PAGE - (size_t)memory % HUGE_PAGE;
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	if (madvise(memory, 64 * HUGE_PAGE, MADV_HUGEPAGE)) {
		report_line("skip no MADV_HUGEPAGE\n");
		return;
	}
	getrusage(RUSAGE_SELF, &before);
	for (long page = 0; page < 64; page++)
		for (long part = 0; part < 512; part += page % 2 ? 512 : 2)
			memory[page * HUGE_PAGE + part * PAGE + 7] = 1;
	getrusage(RUSAGE_SELF, &after);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (after.ru_minflt - before.ru_minflt > 80) {
		report_line("skip no huge pages\n");
		return;
	}
	munmap(memory, 64 * HUGE_PAGE);
	/* Of every second one page, of the others half. */
	expect_waste("anon", SELF, 749);
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("child");
}

static void in_children(long pages)
{
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (!child) {
			quarter_used(pages);
			_exit(0);
		}
		wait_for(child);
	}
	expect_three_quarters();
}

/* A child that runs in its parent's memory gives nothing back when it ends. */
static void lent(long pages)
{
	char *memory = map(pages, 0);
	pid_t child;

	for (long page = 0; page < pages; page++)
		memory[page * PAGE] = 0;
	child = vfork();
	if (!child)
		_exit(0);
	wait_for(child);
	touch(memory, pages);
	expect_waste("anon", SELF, 0);
}

static void replaced(long pages)
{
	pid_t child = fork();

	(void)pages;
	if (!child) {
		quarter_used(LARGE);
		close(STDOUT_FILENO);
		if (open("/dev/null", O_WRONLY) != STDOUT_FILENO)
			_exit(1);
		execl("/proc/self/exe", "quietly", "baseline", NULL);
		_exit(1);
	}
	wait_for(child);
	expect_three_quarters();
}

/* Guarded memory: who touches it is not charged, but it is told where that was. */
static volatile sig_atomic_t denied;
static char *guarded;

static void allow_it(int number)
{
	(void)number;
	denied++;
	if (mprotect(guarded, PAGE, PROT_READ | PROT_WRITE))
		_exit(1);
}

static void failed(long pages)
{
	struct sigaction action = {.sa_handler = allow_it};

	guarded = map(1, 0);
	sigaction(SIGSEGV, &action, NULL);
	for (long page = 0; page < pages; page++) {
		if (mprotect(guarded, PAGE, PROT_NONE))
			fail("mprotect");
		*(volatile char *)guarded = 1;
	}
	report_line("expect-failed-in anon " SELF " %ld\n", (long)denied);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"unmapped", "none", unmapped, false},
    {"dontneed", "none", dontneed, false},
    {"dontneed-by-pages", "none", dontneed_by_pages, false},
    {"at-exit", "none", at_exit, false},
    {"mapped-over", "none", mapped_over, false},
    {"moved", "none", moved, false},
    {"shrunk", "none", shrunk, false},
    {"broken-off", "none", broken_off, false},
    {"populated", "none", populated, false},
    {"huge-pages", "none", huge_pages, false},
    {"in-children", "none", in_children, false},
    {"lent", "none", lent, false},
    {"replaced", "none", replaced, false},
    {"failed", "none", failed, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
