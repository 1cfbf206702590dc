/* SPDX-License-Identifier: MIT */
/* Resizes a freed block.
 * default: hakmem: realloc(): double free of ADDRESS
 * hardened: hakmem: realloc(): double free of ADDRESS, a block of 100 bytes
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	block = realloc(block, 200);
	return block == NULL;
}
