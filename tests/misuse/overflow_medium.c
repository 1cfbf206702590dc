/* SPDX-License-Identifier: MIT */
/* Writes behind a block of more than 16 KiB, where a guard page is.
 * default: goes unseen
 * hardened: SIGSEGV
 */
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *block = malloc(100000);

	memset(block, 'x', 100100);
	free(block);
	return 0;
}
