/* SPDX-License-Identifier: MIT */
/*
 * Address space that is mapped, moved, protected and unmapped at a high rate, and ranges that one owner after another
 * uses. Every page is touched while its owner is certain. See truth.h.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "truth.h"

#define ROUNDS 600L
#define PIECE  4L /* pages a round */
#define MANY   10000L

static int make_memfd(const char *name, long pages)
{
	int file = memfd_create(name, 0);

	if (file < 0 || ftruncate(file, pages * PAGE))
		fail("memfd");
	return file;
}

static char *map_at(void *where, long pages, int protection, int flags, int file, long offset)
{
	char *memory = mmap(where, pages * PAGE, protection, flags | (where ? MAP_FIXED : 0), file, offset * PAGE);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static void unmap(void *memory, long pages)
{
	if (munmap(memory, pages * PAGE))
		fail("munmap");
}

static void protect(void *memory, long pages, int protection)
{
	if (mprotect(memory, pages * PAGE, protection))
		fail("mprotect");
}

/* Sizes change from round to round, so that what is mapped lies now here, now there, in the same few pages. */
static void map_churn(long pages)
{
	long touched = 0;

	(void)pages;
	for (long round = 0; round < ROUNDS; round++) {
		long length = 1 + round * 7 % 13;
		char *kept = map(length, 0), *gone = map(length + 2, 0);

		touch(gone, length + 2);
		unmap(gone + PAGE, length);
		touch(kept, length);
		unmap(gone, 1);
		unmap(gone + (length + 1) * PAGE, 1);
		unmap(kept, length);
		touched += 2 * length + 2;
	}
	expect("anon", TRUTH_NAME, touched);
}

static void protect_churn(long pages)
{
	char *memory = mmap(NULL, ROUNDS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)pages;
	if (memory == MAP_FAILED)
		fail("mmap");
	for (long page = 0; page < ROUNDS; page++) {
		protect(memory + page * PAGE, 1, PROT_READ | PROT_WRITE);
		touch(memory + page * PAGE, 1);
		protect(memory + page * PAGE, 1, page % 2 ? PROT_READ : PROT_NONE);
	}
	unmap(memory, ROUNDS);
	expect("anon", TRUTH_NAME, ROUNDS);
}

static void remap_churn(long pages)
{
	int file = make_memfd("remapped", PIECE);
	char *place = map(4 * PIECE, 0);

	(void)pages;
	for (long round = 0; round < ROUNDS; round++) {
		char *memory = map(PIECE, 0), *moved;

		map_at(place, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		touch(place, PIECE);
		touch(memory, 1);
		/* Onto the file's range, and longer than before. */
		moved = mremap(memory, PIECE * PAGE, 2 * PIECE * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
		if (moved != place)
			fail("mremap");
		touch(moved, 2 * PIECE);
		/* Shrunk: what was cut off is the file's next. */
		if (mremap(moved, 2 * PIECE * PAGE, PIECE * PAGE, 0) != moved)
			fail("mremap");
		touch(map_at(moved + PIECE * PAGE, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), PIECE);
	}
	unmap(place, 4 * PIECE);
	close(file);
	expect("anon", TRUTH_NAME, ROUNDS * 2 * PIECE);
	expect("file", "memfd:remapped", ROUNDS * 2 * PIECE);
}

/* A call that fails leaves every owner as it was. */
static void failing_calls(long pages)
{
	int file = make_memfd("beside", pages);
	char *memory = map(2 * pages, 0);

	map_at(memory + pages * PAGE, pages, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (mremap(memory, 2 * pages * PAGE, 4 * pages * PAGE, MREMAP_MAYMOVE) != MAP_FAILED)
		fail("mremap across two mappings");
	if (mremap(memory, pages * PAGE, 0, MREMAP_MAYMOVE) != MAP_FAILED)
		fail("mremap to nothing");
	if (!munmap(memory + 1, pages * PAGE) || !munmap(memory, 0) || !munmap(memory, -PAGE))
		fail("munmap of nonsense");
	if (mmap(memory, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, -1, 0) != MAP_FAILED)
		fail("mmap of no file");
	touch(memory, 2 * pages);
	close(file);
	expect("anon", TRUTH_NAME, pages);
	expect("file", "memfd:beside", pages);
}

static void move_and_keep(long pages)
{
	char *memory = map(pages, 0), *moved;

	touch(memory, pages);
	/* libc's mremap doesn't know that this flag takes an address, too. */
	moved = (char *)syscall(SYS_mremap, memory, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	if (moved == MAP_FAILED) {
		report_line("skip no MREMAP_DONTUNMAP\n");
		return;
	}
	touch(moved, pages);
	touch(memory, pages);
	expect("anon", TRUTH_NAME, 2 * pages);
}

/* The same addresses: anonymous, a file's, shared, and anonymous with the file's in its middle. */
static void reused(long pages)
{
	int file = make_memfd("reused", PIECE);
	char *place = map(PIECE, 0);

	(void)pages;
	for (long round = 0; round < ROUNDS; round++) {
		touch(map_at(place, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PIECE);
		touch(map_at(place, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), PIECE);
		unmap(place, PIECE);
		touch(map_at(place, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), PIECE);
		map_at(place, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		map_at(place + PAGE, PIECE / 2, PROT_READ | PROT_WRITE, MAP_SHARED, file, 1);
		touch(place, PIECE);
	}
	close(file);
	expect("anon", TRUTH_NAME, ROUNDS * (PIECE + PIECE / 2));
	expect("file", "memfd:reused", ROUNDS * (PIECE + PIECE / 2));
	expect("file", "shared~memory", ROUNDS * PIECE);
}

/* Who moves the break owns what it gains, libc's sbrk in between or not. */
static void break_churn(long pages)
{
	(void)pages;
	/* From a page's first byte on, so that each round gains the same. */
	if (sbrk(PAGE - (long)sbrk(0) % PAGE) == (void *)-1) {
		report_line("skip no sbrk (musl)\n");
		return;
	}
	for (long round = 0; round < ROUNDS; round++) {
		char *memory = sbrk(PIECE * PAGE);

		if (memory == (void *)-1)
			fail("sbrk");
		touch(memory, PIECE);
		if (sbrk(-PIECE * PAGE) == (void *)-1)
			fail("sbrk");
	}
	expect("anon", TRUTH_NAME, ROUNDS * PIECE);
}

static void write_return(char *code)
{
	*(volatile unsigned char *)code = 0xc3; /* ret */
}

static void call(char *code)
{
	void (*function)(void);

	memcpy(&function, &code, sizeof(function));
	function();
}

/* Never writable and executable at once, by mprotect. */
static void jit_protect(long pages)
{
	(void)pages;
	for (long round = 0; round < ROUNDS; round++) {
		char *code = map(PIECE, 0);

		for (long page = 0; page < PIECE; page++)
			write_return(code + page * PAGE);
		protect(code, PIECE, PROT_READ | PROT_EXEC);
		for (long page = 0; page < PIECE; page++)
			call(code + page * PAGE);
		unmap(code, PIECE);
	}
	expect("anon", TRUTH_NAME, ROUNDS * PIECE);
}

/* The same, by mapping a memfd twice. One page a mapping: the kernel maps neighbours along on execution. */
static void jit_double(long pages)
{
	int file = make_memfd("jit", ROUNDS);

	(void)pages;
	for (long round = 0; round < ROUNDS; round++) {
		char *writable = map_at(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, round);
		char *executable = map_at(NULL, 1, PROT_READ | PROT_EXEC, MAP_SHARED, file, round);

		write_return(writable);
		call(executable);
		unmap(writable, 1);
		unmap(executable, 1);
	}
	close(file);
	expect("file", "memfd:jit", 2 * ROUNDS);
}

static void many_maps(long pages)
{
	int file = make_memfd("many", 1);
	char *memory = mmap(NULL, MANY * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)pages;
	if (memory == MAP_FAILED)
		fail("mmap");
	for (long page = 0; page < MANY; page++) {
		if (page % 2)
			map_at(memory + page * PAGE, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		else
			map_at(memory + page * PAGE, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	touch(memory, MANY);
	close(file);
	expect("anon", TRUTH_NAME, MANY / 2);
	expect("file", "memfd:many", MANY / 2);
}

static long handler_pages;

static void on_signal(int number)
{
	volatile char *memory = __builtin_alloca((handler_pages + 1) * PAGE);

	(void)number;
	for (long page = handler_pages; page > 0; page--)
		memory[page * PAGE] = 1;
}

static void signal_stack(char *memory, long pages, int flags)
{
	stack_t stack = {.ss_sp = memory, .ss_size = pages * PAGE, .ss_flags = flags};

	if (sigaltstack(&stack, NULL))
		fail("sigaltstack");
}

/* A range is its mapper's until it is installed as a signal stack. */
static void signal_stacks(long pages)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
	stack_t too_small = {.ss_size = 1};
	long rounds = 20, size = 8 + pages / rounds;

	handler_pages = pages / rounds;
	if (sigaction(SIGUSR1, &action, NULL))
		fail("sigaction");
	for (long round = 0; round < rounds; round++) {
		char *memory = map(size, 0);

		too_small.ss_sp = memory;
		if (!sigaltstack(&too_small, NULL))
			fail("sigaltstack of a byte");
		signal_stack(memory, size, SS_DISABLE);
		touch(memory, 1);
		signal_stack(memory + PAGE, size - 1, 0);
		raise(SIGUSR1);
		signal_stack(NULL, 0, SS_DISABLE);
		unmap(memory, size);
	}
	expect("stack", "signal", rounds * (handler_pages + 1));
	expect("anon", TRUTH_NAME, rounds);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"map-churn", "baseline", map_churn, false},
    {"protect-churn", "baseline", protect_churn, false},
    {"remap-churn", "baseline", remap_churn, false},
    {"failing-calls", "baseline", failing_calls, false},
    {"move-and-keep", "baseline", move_and_keep, false},
    {"reused", "baseline", reused, false},
    {"break-churn", "baseline", break_churn, false},
    {"jit-protect", "baseline", jit_protect, false},
    {"jit-double", "baseline", jit_double, false},
    {"many-maps", "baseline", many_maps, false},
    {"signal-stacks", "baseline", signal_stacks, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
