/* SPDX-License-Identifier: MIT */
/* Writes behind a block and then resizes it.
 * default: goes unseen
 * hardened: hakmem: realloc(): overflow at ADDRESS, byte 1008 of the block of 1000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(1000);

	block[1008] = 'x';
	block = realloc(block, 5000);
	return block == NULL;
}
