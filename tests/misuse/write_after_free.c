/* SPDX-License-Identifier: MIT */
/* Writes to a block that it has freed, and ends.
 * default: goes unseen
 * hardened: hakmem: exit(): write after free at ADDRESS, byte 8 of the freed block of 100 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	block[8] = 'x';
	return 0;
}
