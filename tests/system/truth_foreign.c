/* SPDX-License-Identifier: MIT */
/*
 * System calls of 32-bit programs (int 0x80), whose numbers mean other calls. Run by a 64-bit program, so that it needs
 * no 32-bit C library: the kernel can't tell. Their memory lies below 4 GiB. See truth.h.
 */
#include <setjmp.h>
#include <signal.h>

#include "truth.h"

#define PIECE  16L
#define ROUNDS 50L

/* arch/x86/entry/syscalls/syscall_32.tbl */
#define FOREIGN_MUNMAP       91
#define FOREIGN_MPROTECT     125
#define FOREIGN_MREMAP       163
#define FOREIGN_MMAP2        192
#define FOREIGN_MADVISE      219
#define FOREIGN_MEMFD_CREATE 356

static long foreign(long number, long first, long second, long third, long fourth, long fifth)
{
	long result;

	/* The sixth argument, 0 in all cases, goes into rbp. */
	__asm__ volatile("push %%rbp; xor %%ebp, %%ebp; int $0x80; pop %%rbp"
	                 : "=a"(result)
	                 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(fifth)
	                 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static char *foreign_map(long where, long pages, long flags, long file)
{
	unsigned int address = foreign(FOREIGN_MMAP2, where, pages * PAGE, PROT_READ | PROT_WRITE, flags, file);

	if (address > -4096U)
		fail("32-bit mmap2");
	return (char *)(unsigned long)address;
}

static sigjmp_buf no_foreign;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(no_foreign, 1);
}

/* A kernel without them answers with SIGSEGV. */
static bool foreign_works(void)
{
	struct sigaction action = {.sa_handler = on_fault}, before;
	volatile bool works = false;

	if (sigaction(SIGSEGV, &action, &before))
		fail("sigaction");
	if (!sigsetjmp(no_foreign, 1)) {
		foreign(FOREIGN_MUNMAP, 1, 0, 0, 0, 0);
		works = true;
	}
	sigaction(SIGSEGV, &before, NULL);
	if (!works)
		report_line("skip no 32-bit system calls\n");
	return works;
}

static void probe_only(long pages)
{
	(void)pages;
	foreign_works();
}

static void foreign_map_only(long pages)
{
	if (!foreign_works())
		return;
	touch(foreign_map(0, pages, MAP_PRIVATE | MAP_ANONYMOUS, -1), pages);
	expect("anon", TRUTH_NAME, pages);
}

/* The same pages by turns from a 32-bit call and from a 64-bit one, anonymous and a file's. */
static void foreign_churn(long pages)
{
	int file = memfd_create("foreign", 0);
	char *place;

	(void)pages;
	if (!foreign_works())
		return;
	if (file < 0 || ftruncate(file, PIECE * PAGE))
		fail("memfd");
	place = foreign_map(0, 2 * PIECE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (long round = 0; round < ROUNDS; round++) {
		long address = (long)place;

		touch(foreign_map(address, PIECE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1), PIECE);
		touch(foreign_map(address, PIECE, MAP_SHARED | MAP_FIXED, file), PIECE);
		foreign(FOREIGN_MUNMAP, address, PIECE * PAGE, 0, 0, 0);
		if (mmap(place, PIECE * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
		    place)
			fail("mmap");
		touch(place, PIECE);
		if (mmap(place, PIECE * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != place)
			fail("mmap");
		touch(place, PIECE);
	}
	close(file);
	expect("anon", TRUTH_NAME, 2 * ROUNDS * PIECE);
	expect("file", "memfd:foreign", 2 * ROUNDS * PIECE);
}

static void foreign_moves(long pages)
{
	char *memory, *moved;

	if (!foreign_works())
		return;
	memory = foreign_map(0, pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	foreign_map((long)memory + pages * PAGE, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1); /* it can't grow in place */
	touch(memory, pages / 2);
	moved = (char *)(unsigned long)(unsigned int)foreign(
	    FOREIGN_MREMAP, (long)memory, pages * PAGE, 2 * pages * PAGE, MREMAP_MAYMOVE, 0);
	if ((unsigned long)moved > -4096U)
		fail("32-bit mremap");
	touch(moved, 2 * pages);
	expect("anon", TRUTH_NAME, 2 * pages);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, probe_only, false},
    {"foreign-map", "baseline", foreign_map_only, false},
    {"foreign-churn", "baseline", foreign_churn, false},
    {"foreign-moves", "baseline", foreign_moves, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
