/* SPDX-License-Identifier: MIT */
/* Writes to a freed block of more than 16 KiB, whose pages nobody can touch any more.
 * default: goes unseen
 * hardened: hakmem: use after free at ADDRESS, byte 8 of the freed block of 100000 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100000);

	free(block);
	block[8] = 'x';
	return 0;
}
