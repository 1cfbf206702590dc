/* SPDX-License-Identifier: MIT */
/* Frees a block here and then in another thread.
 * default: hakmem: free(): double free of ADDRESS
 * hardened: hakmem: free(): double free of ADDRESS, a block of 100 bytes
 */
#include <pthread.h>
#include <stdlib.h>

static void *free_again(void *block)
{
	free(block);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	char *block = malloc(100);

	free(block);
	pthread_create(&thread, NULL, free_again, block);
	pthread_join(thread, NULL);
	return 0;
}
