/* SPDX-License-Identifier: MIT */
/* Writes from a block into its neighbour.
 * default: goes unseen
 * hardened: hakmem: free(): overflow at ADDRESS, byte 100 of the block of 100 bytes at ADDRESS
 */
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *block = malloc(100);

	memset(block, 'x', 130);
	free(block);
	return 0;
}
