/* SPDX-License-Identifier: MIT */
/* Writes behind a large block, well into its last guard.
 * default: goes unseen
 * hardened: hakmem: overflow at ADDRESS, byte 5000000 of the block of 4998144 bytes at ADDRESS
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(4998144);

	block[5000000] = 'x';
	free(block);
	return 0;
}
