/* SPDX-License-Identifier: MIT */
/* Forgets the byte that ends a string.
 * default: goes unseen
 * hardened: hakmem: free(): overflow at ADDRESS, byte 24 of the block of 24 bytes at ADDRESS
 */
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *block = malloc(24);

	strcpy(block, "four and twenty letters.");
	free(block);
	return 0;
}
