/* SPDX-License-Identifier: MIT */
/* Writes before a block.
 * default: goes unseen
 * hardened: hakmem: free(): underflow at ADDRESS, 8 bytes before the block of 100000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100000);

	block[-8] = 'x';
	free(block);
	return 0;
}
