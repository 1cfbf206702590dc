/* SPDX-License-Identifier: MIT */
/* Writes to a block that it has freed, and works on until the block leaves quarantine.
 * default: goes unseen
 * hardened: hakmem: free(): write after free at ADDRESS, byte 8 of the freed block of 100 bytes at ADDRESS
 */
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char *block = malloc(100);

	free(block);
	block[8] = 'x';
	for (int i = 0; i < 100000; i++)
		free(malloc(50));
	_exit(0);
}
