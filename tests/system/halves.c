// SPDX-License-Identifier: MIT
/*
 * Memory that is used by known halves, to be looked at from outside: half a SuperSlab's slabs hold blocks of 512 bytes,
 * and half of these slabs have every other block freed; of a large block an eighth is touched. Prints its process id
 * and where the first block is, then waits until its input ends or says "quit".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK  512
#define BLOCKS (16 * 65536 / BLOCK)
#define LARGE  (8UL << 20)

static char *blocks[BLOCKS];

int main(void)
{
	char line[64], *large;

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BLOCK);
		if (!blocks[i])
			return 1;
		memset(blocks[i], 1, BLOCK);
	}
	large = malloc(LARGE);
	if (!large)
		return 1;
	memset(large, 1, LARGE / 8);
	for (size_t i = BLOCKS / 2; i < BLOCKS; i += 2)
		free(blocks[i]);
	printf("%p\n%d\n", (void *)blocks[0], getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n"))
		;
	return 0;
}
