/* SPDX-License-Identifier: MIT */
/*
 * Needs the same memory again and again, each time in blocks of another size and so from another pool, where the caller
 * has set a limit beyond which the kernel ends the program. Prints "ok".
 * Usage: alloc_turns MIB
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
};

static void use(size_t total, size_t size)
{
	struct block *list = NULL, *block;

	for (size_t used = 0; used < total; used += size) {
		block = malloc(size);
		if (block == NULL)
			exit(1);
		memset(block, 1, size);
		block->next = list;
		list = block;
	}
	while ((block = list) != NULL) {
		list = block->next;
		free(block);
	}
}

int main(int count, char **arguments)
{
	static const size_t sizes[] = {100, 60000, (size_t)3 << 20, 3000};
	size_t total = count == 2 ? strtoul(arguments[1], NULL, 10) << 20 : 0;

	if (total == 0) {
		fputs("usage: alloc_turns MIB\n", stderr);
		return 2;
	}
	for (int i = 0; i < 4; i++)
		use(total, sizes[i]);
	puts("ok");
	return 0;
}
