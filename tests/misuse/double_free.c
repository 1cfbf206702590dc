/* SPDX-License-Identifier: MIT */
/* Frees a block twice.
 * default: hakmem: free(): double free of ADDRESS
 * hardened: hakmem: free(): double free of ADDRESS, a block of 100 bytes
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	free(block);
	return 0;
}
