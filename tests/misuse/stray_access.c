/* SPDX-License-Identifier: MIT */
/* Follows a wild pointer to somewhere among the allocator's memory.
 * default: goes unseen
 * hardened: hakmem: stray access at ADDRESS, where no block is
 */
#include <stdlib.h>

int main(void)
{
	char *block = malloc(100);

	return block[1 << 20];
}
