/* SPDX-License-Identifier: MIT */
/* Frees a block, writes all over it, and frees it again.
 * default: goes unseen
 * hardened: hakmem: free(): double free of ADDRESS, a block of 100 bytes
 */
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	memset(block, 'x', 100);
	free(block);
	return 0;
}
