/* SPDX-License-Identifier: MIT */
/*
 * Touches neighbouring pages of fresh memory, as sweeps are made of (bpf/sweep.h), and ends them in every way that
 * there is: what had been kept for the whole sweep has to come out as if each fault had been settled by itself. See
 * truth.h.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "truth.h"

#define SELF    "truth_sweep"
#define WINDOW  64 /* pages that one sweep can have */
#define SHARERS 4

static void expect_own(const char *cause, long faults)
{
	expect_cause("anon", SELF, cause, faults);
}

static void give_back(char *memory, long pages)
{
	if (madvise(memory, pages * PAGE, MADV_DONTNEED))
		fail("madvise");
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail("child");
}

static void forwards(long pages)
{
	touch(map(pages, 0), pages);
	expect("anon", SELF, pages);
	expect_own("first-touch", pages);
	expect_zeroed("anon", SELF, pages * PAGE);
}

static void backwards(long pages)
{
	volatile char *memory = map(pages, 0);

	for (long page = pages; page-- > 0;)
		memory[page * PAGE] = 1;
	expect("anon", SELF, pages);
	expect_own("first-touch", pages);
	expect_zeroed("anon", SELF, pages * PAGE);
}

/* Two pages here, two pages there: a sweep begins with the second, and ends. */
static void in_pairs(long pages)
{
	volatile char *memory = map(2 * pages, 0);

	for (long page = 0; page + 1 < pages; page += 2)
		for (long half = 0; half < 2; half++) {
			memory[(half * pages + page) * PAGE] = 1;
			memory[(half * pages + page + 1) * PAGE] = 1;
		}
	expect("anon", SELF, 2 * (pages / 2 * 2));
	expect_own("first-touch", 2 * (pages / 2 * 2));
}

/* Of each window some pages were given back, and others were never there, so that neighbours differ in their cause. */
static void fates_mixed(long pages)
{
	char *memory = map(pages, 0);
	long odd = pages / 2;

	for (long page = 1; page < pages; page += 2)
		((volatile char *)memory)[page * PAGE] = 1;
	give_back(memory, pages);
	touch(memory, pages);
	expect("anon", SELF, pages + odd);
	expect_own("first-touch", pages);
	expect_own("purged", odd);
	expect_purger("anon", SELF, "madvise", odd);
}

/* Given back by two calls: in each half of a window by another one. */
static void purgers_mixed(long pages)
{
	char *memory = map(pages, 0);
	long half = WINDOW / 2, halves = pages / WINDOW;

	touch(memory, pages);
	for (long window = 0; window < halves; window++) {
		give_back(memory + window * WINDOW * PAGE, half);
		map_over(memory + (window * WINDOW + half) * PAGE, half);
	}
	touch(memory, pages);
	expect("anon", SELF, pages + halves * WINDOW);
	expect_own("purged", halves * WINDOW);
	expect_purger("anon", SELF, "madvise", halves * half);
	expect_purger("anon", SELF, "mmap", halves * half);
}

/* What is read first has no page of its own yet: it is written to later, in the same window. */
static void read_between(long pages)
{
	char *memory = map(pages, 0);

	for (long page = 0; page + 3 < pages; page += 4) {
		touch(memory + page * PAGE, 2);
		touch_by_reading(memory + (page + 2) * PAGE, 2);
	}
	for (long page = 0; page + 3 < pages; page += 4)
		touch(memory + (page + 2) * PAGE, 2);
	expect("anon", SELF, pages / 4 * 6);
	expect_own("first-touch", pages / 4 * 4);
	expect_own("zero-page", pages / 4 * 2);
}

/* The window's other pages are not to be touched any more. */
static void taken_away(long pages)
{
	char *memory = map(pages, 0);
	long kept = WINDOW / 4, windows = pages / WINDOW;

	for (long window = 0; window < windows; window++) {
		char *start = memory + window * WINDOW * PAGE;

		touch(start, kept);
		if (munmap(start + kept * PAGE, kept * PAGE))
			fail("munmap");
		map_over(start + kept * PAGE, kept);
		touch(start + kept * PAGE, kept);
	}
	expect("anon", SELF, windows * 2 * kept);
	expect_own("first-touch", windows * 2 * kept);
}

/* Both go on where the other one would. */
static void forked_within(long pages)
{
	char *memory = map(pages, 0);
	long begun = pages - WINDOW / 2;
	pid_t child;

	touch(memory, begun);
	child = fork();
	if (!child) {
		touch(memory + begun * PAGE, pages - begun);
		_exit(0);
	}
	wait_for(child);
	touch(memory + begun * PAGE, pages - begun);
	expect("anon", SELF, 2 * pages - begun);
	expect_own("first-touch", 2 * pages - begun);
}

static char *threads_memory;
static long threads_pages;

static void *touch_odd(void *unused)
{
	volatile char *memory = threads_memory;

	for (long page = 1; page < threads_pages; page += 2)
		memory[page * PAGE] = 1;
	return unused;
}

/* A thread touches every other page of the windows that its creator is at. */
static void thread_beside(long pages)
{
	volatile char *memory = map(pages, 0);
	pthread_t thread;

	threads_memory = (char *)memory;
	threads_pages = pages;
	memory[0] = 1;
	if (pthread_create(&thread, NULL, touch_odd, NULL))
		fail("pthread_create");
	for (long page = 2; page < pages; page += 2)
		memory[page * PAGE] = 1;
	pthread_join(thread, NULL);
	give_back(threads_memory, pages);
	touch(memory, pages);
	expect("anon", SELF, 2 * pages);
	expect_own("first-touch", pages);
	expect_own("purged", pages);
}

static volatile char *handlers_memory;

static void touch_in_handler(int signal)
{
	static volatile long page;

	(void)signal;
	handlers_memory[page++ * PAGE] = 1;
}

/* An interrupt's signal comes between any two faults. */
static void interrupted(long pages)
{
	struct itimerval interval = {.it_interval.tv_usec = 500, .it_value.tv_usec = 500},
	                 off = {.it_value.tv_usec = 0};
	struct sigaction action = {.sa_handler = touch_in_handler};
	volatile char *memory = map(pages, 0);

	handlers_memory = map(pages, 0);
	touch(handlers_memory, pages); /* so that the handler's faults aren't many, or how many would matter */
	if (sigaction(SIGALRM, &action, NULL) || setitimer(ITIMER_REAL, &interval, NULL))
		fail("setitimer");
	for (long page = 0; page < pages; page++) {
		memory[page * PAGE] = 1;
		for (volatile int i = 0; i < 5000; i++)
			;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	expect("anon", SELF, 2 * pages);
	expect_own("first-touch", 2 * pages);
}

/* Processes take turns on a processor, in the middle of their sweeps. */
static void processor_shared(long pages)
{
	pid_t children[SHARERS];
	cpu_set_t processor;

	CPU_ZERO(&processor);
	CPU_SET(0, &processor);
	sched_setaffinity(0, sizeof(processor), &processor);
	for (int i = 0; i < SHARERS; i++) {
		children[i] = fork();
		if (!children[i]) {
			for (int round = 0; round < 8; round++)
				touch(map(pages, 0), pages);
			_exit(0);
		}
	}
	for (int i = 0; i < SHARERS; i++)
		wait_for(children[i]);
	expect("anon", SELF, SHARERS * 8 * pages);
	expect_own("first-touch", SHARERS * 8 * pages);
	expect_zeroed("anon", SELF, SHARERS * 8 * pages * PAGE);
}

/* And are moved from one to another. */
static void moved_about(long pages)
{
	cpu_set_t processor;
	pid_t mover, self = getpid();
	char *memory = map(pages, 0);

	mover = fork();
	if (!mover) {
		for (int i = 0; !kill(self, 0) && getppid() == self; i++) {
			CPU_ZERO(&processor);
			CPU_SET(i & 1, &processor);
			sched_setaffinity(self, sizeof(processor), &processor); /* which there may be one of only */
			usleep(200);
		}
		_exit(0);
	}
	for (int round = 0; round < 16; round++) {
		touch(memory, pages);
		give_back(memory, pages);
	}
	kill(mover, SIGKILL);
	waitpid(mover, NULL, 0);
	expect("anon", SELF, 16 * pages);
	expect_own("first-touch", pages);
	expect_own("purged", 15 * pages);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"forwards", "baseline", forwards, false},
    {"backwards", "baseline", backwards, false},
    {"in-pairs", "baseline", in_pairs, false},
    {"fates-mixed", "baseline", fates_mixed, false},
    {"purgers-mixed", "baseline", purgers_mixed, false},
    {"read-between", "baseline", read_between, false},
    {"taken-away", "baseline", taken_away, false},
    {"forked-within", "none", forked_within, false},
    {"thread-beside", "none", thread_beside, false},
    {"interrupted", "none", interrupted, false},
    {"processor-shared", "none", processor_shared, false},
    {"moved-about", "none", moved_about, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
