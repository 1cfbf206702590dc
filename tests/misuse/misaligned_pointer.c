/* SPDX-License-Identifier: MIT */
/* Frees a pointer that no block can start at.
 * default: hakmem: free(): invalid pointer ADDRESS
 * hardened: hakmem: free(): invalid pointer ADDRESS, byte 1 of the block of 100 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block + 1);
	return 0;
}
