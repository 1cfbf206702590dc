/* SPDX-License-Identifier: MIT */
/* Frees a block as one of another alignment.
 * default: goes unseen
 * hardened: hakmem: free_aligned_sized(): wrong alignment 65536 for ADDRESS, a block of 100 bytes
 */
#include <dlfcn.h>
#include <stdlib.h>

typedef void (*function)(void *, size_t, size_t);

int main(void)
{
	function free_aligned_sized = (function)dlsym(RTLD_DEFAULT, "free_aligned_sized");

	free_aligned_sized(malloc(100), 65536, 100);
	return 0;
}
