/* SPDX-License-Identifier: MIT */
/* Writes a byte behind a large block: that is no guard page yet, but a mark.
 * default: goes unseen
 * hardened: hakmem: free(): overflow at ADDRESS, byte 3000001 of the block of 3000001 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(3000001);

	block[3000001] = 'x';
	free(block);
	return 0;
}
