/* SPDX-License-Identifier: MIT */
/* Frees a block of more than 16 KiB twice.
 * default: hakmem: free(): double free of ADDRESS
 * hardened: hakmem: free(): double free of ADDRESS, a block of 100000 bytes
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100000);

	free(block);
	free(block);
	return 0;
}
