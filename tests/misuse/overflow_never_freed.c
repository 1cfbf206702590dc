/* SPDX-License-Identifier: MIT */
/* Writes behind a block that it never frees.
 * default: goes unseen
 * hardened: hakmem: exit(): overflow at ADDRESS, byte 100 of the block of 100 bytes at ADDRESS
 */
#include <stdlib.h>

char *block;

int main(void)
{
	block = malloc(100);
	block[100] = 'x';
	return 0;
}
