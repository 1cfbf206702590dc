/* SPDX-License-Identifier: MIT */
/* Frees a pointer into a large block.
 * default: hakmem: free(): invalid pointer ADDRESS
 * hardened: hakmem: free(): invalid pointer ADDRESS, byte 64 of the block of 3000000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(3000000);

	free(block + 64);
	return 0;
}
