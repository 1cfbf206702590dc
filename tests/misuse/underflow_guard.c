/* SPDX-License-Identifier: MIT */
/* Writes far before a block of more than 16 KiB.
 * default: goes unseen
 * hardened: hakmem: underflow at ADDRESS, 5000 bytes before the block of 100000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100000);

	block[-5000] = 'x';
	free(block);
	return 0;
}
