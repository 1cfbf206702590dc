/* SPDX-License-Identifier: MIT */
/*
 * Allocates blocks of one size until there are none left, frees them all, and then needs 16 MiB: for each of several
 * sizes, under a limit that the caller has set. Prints "ok" and exits 0, or says what it did not get.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
};

/* Until there is none left, then all back. */
static int exhaust(size_t size)
{
	struct block *list = NULL, *block;
	int count = 0;

	while ((block = malloc(size)) != NULL) {
		memset(block, 1, size < 4096 ? size : 4096);
		block->next = list;
		list = block;
		count++;
	}
	if (errno != ENOMEM)
		return 0;
	while (list != NULL) {
		block = list->next;
		free(list);
		list = block;
	}
	return count;
}

int main(void)
{
	static const size_t sizes[] = {64, 3000, 50000, 4000000, 64};

	for (int i = 0; i < 5; i++) {
		void *large;

		if (exhaust(sizes[i]) == 0)
			return printf("no blocks of %zu\n", sizes[i]), 1;
		large = malloc(16 << 20);
		if (large == NULL)
			return printf("no 16 MiB after blocks of %zu\n", sizes[i]), 1;
		free(large);
	}
	puts("ok");
	return 0;
}
