/* SPDX-License-Identifier: MIT */
/* Reads from a freed large block.
 * default: goes unseen
 * hardened: hakmem: use after free at ADDRESS, byte 2000000 of the freed block of 3000000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = calloc(1, 3000000);

	free(block);
	return block[2000000];
}
