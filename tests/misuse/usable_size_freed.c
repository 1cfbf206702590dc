/* SPDX-License-Identifier: MIT */
/* Asks for the size of a freed block.
 * default: goes unseen
 * hardened: hakmem: malloc_usable_size(): use after free of ADDRESS, a block of 100 bytes
 */
#include <malloc.h>
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	return malloc_usable_size(block) == 0;
}
