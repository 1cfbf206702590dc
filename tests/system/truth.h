/* SPDX-License-Identifier: MIT */
/*
 * What the truth programs share: a table of cases, and a report of how many faults each region has to get.
 *
 * A case touches a known number of pages and says so with expect(). A process also faults to start and to end; those
 * faults are measured by a baseline case that does the same without the touching, and truth.sh compares differences.
 * So a case must do nothing else that faults: no stdio, no malloc; the report is written once, at the end, by write(2).
 *
 * The report, one line each; DETAIL "*" is the region as a whole, REGION "malloc" whoever serves malloc; ~
 * is a blank of DETAIL:
 *
 *   base CASE|none                      what to subtract; "none" also means that other regions are not compared
 *   expect REGION DETAIL FAULTS         within 1 % or 3
 *   expect-most REGION DETAIL FAULTS    at least 1, at most that many (the kernel maps several pages a fault)
 *   expect-populated REGION DETAIL N    of the faults, those without an exception
 *   expect-zeroed REGION DETAIL BYTES   at least that many bytes
 *   expect-failed N                     faults that ended in a signal, which nobody is charged for
 *   expect-failed-in REGION DETAIL N    exactly that many of them there
 *   expect-waste REGION DETAIL N        so many thousandths of what was zeroed there held only zeroes when given back
 *   allow REGION FAULTS                 that many others are fine there: code of the C library that runs here first
 *   expect-cause REGION DETAIL CAUSE N  exactly that many of the faults
 *   expect-purger REGION OBJECT CALL N  exactly that many faults on pages that it gave back so
 *   expect-phase PHASE REGION N         exactly that many in that part of the run; "-" stands for a space
 *   expect-phase-range PHASE REGION FROM TO
 *   varies                              so do others, by what its own getrusage and its baseline's say: processors race
 *   skip REASON                         this kernel can't do it
 *   rusage MINOR MAJOR                  own getrusage, with children waited for
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE          4096L
#define DEFAULT_PAGES 1024L
#define MOST_PAGES    1024L /* static arrays are this long */

#ifndef TRUTH_NAME
#error "the name of the program is not defined: regions name it"
#endif

struct truth_case {
	const char *name;
	const char *base;        /* the case to subtract, or "none"; NULL: this is one itself */
	void (*run)(long pages); /* NULL: touches nothing */
	bool alone;              /* replaces the process image or changes the process, so it can't be part of "all" */
};

static char report[8192];
static size_t report_length;

static inline void __attribute__((format(printf, 1, 2))) report_line(const char *format, ...)
{
	size_t room = sizeof(report) - report_length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(report + report_length, room, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room)
		_exit(3);
	report_length += length;
}

static inline void expect(const char *region, const char *detail, long faults)
{
	report_line("expect %s %s %ld\n", region, detail, faults);
}

static inline void expect_most(const char *region, const char *detail, long faults)
{
	report_line("expect-most %s %s %ld\n", region, detail, faults);
}

static inline void expect_populated(const char *region, const char *detail, long faults)
{
	report_line("expect %s %s %ld\nexpect-populated %s %s %ld\n", region, detail, faults, region, detail, faults);
}

static inline void expect_zeroed(const char *region, const char *detail, long bytes)
{
	report_line("expect-zeroed %s %s %ld\n", region, detail, bytes);
}

static inline void expect_cause(const char *region, const char *detail, const char *cause, long faults)
{
	report_line("expect-cause %s %s %s %ld\n", region, detail, cause, faults);
}

static inline void expect_purger(const char *region, const char *object, const char *call, long faults)
{
	report_line("expect-purger %s %s %s %ld\n", region, object, call, faults);
}

static inline void expect_phase(const char *phase, const char *region, long faults)
{
	report_line("expect-phase %s %s %ld\n", phase, region, faults);
}

static inline void expect_phase_range(const char *phase, const char *region, long from, long to)
{
	report_line("expect-phase-range %s %s %ld %ld\n", phase, region, from, to);
}

static inline void expect_waste(const char *region, const char *detail, long permille)
{
	report_line("expect-waste %s %s %ld\n", region, detail, permille);
}

static inline void allow(const char *region, long faults)
{
	report_line("allow %s %ld\n", region, faults);
}

/* A case that can't go on: everything it would have reported is void. */
static inline _Noreturn void fail(const char *what)
{
	perror(what);
	_exit(3);
}

static inline void touch(volatile char *memory, long pages)
{
	for (long page = 0; page < pages; page++)
		memory[page * PAGE] = 1;
}

static inline void touch_by_reading(const volatile char *memory, long pages)
{
	for (long page = 0; page < pages; page++)
		(void)memory[page * PAGE];
}

static inline char *map(long pages, int extra_flags)
{
	char *memory =
	    mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | extra_flags, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

/* Over whatever is there. */
static inline char *map_over(char *address, long pages)
{
	char *memory =
	    mmap(address, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static inline void report_write(void)
{
	struct rusage own, children;
	size_t written = 0;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	report_line("rusage %ld %ld\n", own.ru_minflt + children.ru_minflt, own.ru_majflt + children.ru_majflt);
	while (written < report_length) {
		ssize_t count = write(STDOUT_FILENO, report + written, report_length - written);

		if (count <= 0)
			_exit(3);
		written += count;
	}
}

static inline int truth_usage(const char *program, const char *wrong)
{
	fprintf(
	    stderr, "%s: %s; usage: %s CASE|all [PAGES, at most %ld] | --list\n", program, wrong, program, MOST_PAGES);
	return 2;
}

static inline void truth_run(const struct truth_case *chosen, long pages)
{
	if (chosen->run)
		chosen->run(pages);
}

/*
 * Huge pages would make counts depend on where a mapping happens to start, so they are off for the process (and its
 * children); the case that is about them turns them on again.
 */
static inline int truth_main(int argc, char **argv, const struct truth_case *cases)
{
	long pages = DEFAULT_PAGES;
	bool all, found = false;

	if (argc < 2)
		return truth_usage(argv[0], "no case named");
	if (!strcmp(argv[1], "--list")) {
		for (; cases->name; cases++)
			printf("%s %s\n", cases->name, cases->base ? cases->base : "-");
		return 0;
	}
	if (argc > 2)
		pages = atol(argv[2]);
	if (pages < 1 || pages > MOST_PAGES)
		return truth_usage(argv[0], "bad number of pages");
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	all = !strcmp(argv[1], "all");
	for (; cases->name; cases++) {
		if (all ? (!cases->base || cases->alone) : strcmp(argv[1], cases->name) != 0)
			continue;
		if (!found && !all)
			report_line("base %s\n", cases->base ? cases->base : "none");
		found = true;
		truth_run(cases, pages);
	}
	if (!found)
		return truth_usage(argv[0], "no such case");
	report_write();
	return 0;
}

#endif
