/* SPDX-License-Identifier: MIT */
/* What truth_dlopen.c loads and unloads: a library with memory of its own, and one that maps memory itself. */
#include <stddef.h>
#include <sys/mman.h>

#define PAGE 4096L

char library_zeroes[32 * PAGE] __attribute__((aligned(PAGE)));
char library_data[8 * PAGE] __attribute__((aligned(PAGE))) = {1};

char *library_map(long pages);
char *library_map(long pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}
