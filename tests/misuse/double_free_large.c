/* SPDX-License-Identifier: MIT */
/* Frees a block of more than 1 MiB twice.
 * default: hakmem: free(): invalid pointer ADDRESS
 * hardened: hakmem: free(): double free of ADDRESS, a block of 3000000 bytes
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(3000000);

	free(block);
	free(block);
	return 0;
}
