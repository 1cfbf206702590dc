/* SPDX-License-Identifier: MIT */
/* Writes through a wild pointer, to memory that nobody has been given yet.
 * default: goes unseen
 * hardened: hakmem: exit(): stray write at ADDRESS, byte 0 of an unused block of 16 bytes at ADDRESS
 */
#include <stdint.h>
#include <stdlib.h>

int main(void)
{
	char *block = malloc(8);

	*(char *)((uintptr_t)block ^ 2048) = 'x'; /* in the same page */
	return 0;
}
