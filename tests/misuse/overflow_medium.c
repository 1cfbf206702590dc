/* SPDX-License-Identifier: MIT */
/* Writes behind a block of more than 16 KiB, where a guard page is.
 * default: goes unseen
 * hardened: hakmem: overflow at ADDRESS, byte 100000 of the block of 100000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100000);

	block[100000] = 'x';
	free(block);
	return 0;
}
