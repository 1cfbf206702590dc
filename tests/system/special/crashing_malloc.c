/* SPDX-License-Identifier: MIT */
/* A malloc that ends the program when asked for more than 64 KiB: an allocator that fails some workloads. */
#include <signal.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
	if (size > 65536)
		raise(SIGSEGV);
	return __libc_malloc(size);
}
