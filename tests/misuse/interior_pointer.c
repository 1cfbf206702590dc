/* SPDX-License-Identifier: MIT */
/* Frees a pointer into a block.
 * default: hakmem: free(): invalid pointer ADDRESS
 * hardened: hakmem: free(): invalid pointer ADDRESS, byte 16 of the block of 100 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block + 16);
	return 0;
}
