/* SPDX-License-Identifier: MIT */
/* Frees a pointer that malloc never returned.
 * default: hakmem: free(): invalid pointer ADDRESS
 * hardened: hakmem: free(): invalid pointer ADDRESS
 */
#include <stdlib.h>

static char variable[64];

int main(void)
{
	free(malloc(100));
	free(variable + 16);
	return 0;
}
