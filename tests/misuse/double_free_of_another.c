/* SPDX-License-Identifier: MIT */
/* Frees a block twice, with a block of the same size taken between, which by default is the same one.
 * default: goes unseen
 * hardened: hakmem: free(): double free of ADDRESS, a block of 100 bytes
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100), *other;

	free(block);
	other = malloc(100);
	free(block);
	return other == NULL;
}
