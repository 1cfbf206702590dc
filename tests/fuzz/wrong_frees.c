// SPDX-License-Identifier: MIT
/*
 * Random programs that end with a wrong free: of a block that is free already, whose memory was not written since and
 * is not in use again; or of a pointer into a block. Whatever the sizes, whichever thread allocated the block and
 * whichever freed it, the allocator must end the program then. Each seed is a process of its own, with a few threads of
 * which one runs at a time.
 * Usage: wrong_frees FIRST-SEED SEEDS, with the allocator preloaded. Prints the seeds of wrong frees that went unseen.
 */
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4 /* the first is the process's own */
#define BLOCKS  2048
#define CALLS   2500
#define NO_FREE 42 /* exit status: there was nothing to be freed wrongly */

enum call { ALLOCATE, FREE, RESIZE, TRIM, END };

struct block {
	char *start;
	size_t size;
};

static struct block live[BLOCKS], freed[CALLS];
static unsigned int live_count, freed_count;
static uint64_t random_state;

/* What a thread is to do now, and with what. */
static enum call call;
static void *pointer;
static size_t size;

static struct {
	pthread_t thread;
	bool runs;
	sem_t go, done;
} threads[THREADS];

/* Xorshift (Marsaglia, 2003). */
static size_t below(size_t bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % bound;
}

static void play(void)
{
	switch (call) {
	case ALLOCATE:
		pointer = malloc(size);
		break;
	case FREE:
		free(pointer);
		break;
	case RESIZE:
		pointer = realloc(pointer, size);
		break;
	case TRIM:
		malloc_trim(0);
		break;
	case END:
		break;
	}
}

static void *wait_and_play(void *number)
{
	size_t i = (size_t)number;
	bool ends = false;

	while (!ends) {
		sem_wait(&threads[i].go);
		ends = call == END;
		play();
		sem_post(&threads[i].done);
	}
	return NULL;
}

static void start(size_t i)
{
	sem_init(&threads[i].go, 0, 0);
	sem_init(&threads[i].done, 0, 0);
	if (pthread_create(&threads[i].thread, NULL, wait_and_play, (void *)i) != 0)
		_exit(1);
	freed_count = 0; /* what libc has allocated for the thread may lie there now */
}

static void run(size_t i, enum call what)
{
	call = what;
	if (i == 0) {
		play();
		return;
	}
	sem_post(&threads[i].go);
	sem_wait(&threads[i].done);
}

/* Its memory is in use again: what was freed there can't be told from it. */
static void forget_freed(const struct block *block)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < freed_count; i++)
		if (freed[i].start >= block->start + block->size || block->start >= freed[i].start + freed[i].size)
			freed[kept++] = freed[i];
	freed_count = kept;
}

static void allocate(size_t thread, size_t most)
{
	struct block *block = &live[live_count++];

	size = 1 + below(most);
	run(thread, ALLOCATE);
	if (pointer == NULL)
		_exit(1);
	*block = (struct block){pointer, malloc_usable_size(pointer)};
	if (below(2))
		memset(block->start, 0x41 + (int)below(20), size < 4096 ? size : 4096);
	forget_freed(block);
}

static void release(size_t thread)
{
	unsigned int which = (unsigned int)below(live_count);

	freed[freed_count++] = live[which];
	pointer = live[which].start;
	live[which] = live[--live_count];
	run(thread, FREE);
}

static void free_wrongly(size_t thread)
{
	bool inside = live_count > 0 && below(4) == 0;
	const struct block *block;

	if (!inside && freed_count == 0)
		_exit(NO_FREE);
	/* A third of the time the newest. */
	block = inside ? &live[below(live_count)] : &freed[below(3) ? below(freed_count) : freed_count - 1];
	pointer = block->start;
	if (inside)
		pointer = block->start + 1 + below(block->size > 1 ? block->size - 1 : 1);
	size = 64;
	run(thread, below(4) ? FREE : RESIZE);
}

static void run_seed(unsigned int seed)
{
	static const size_t most[] = {16, 64, 256, 1024, 16384, 40000, 300000, 3000000};
	size_t largest = most[seed % (sizeof(most) / sizeof(most[0]))], calls, used, growth;

	random_state = 0x9e3779b97f4a7c15ULL * (seed + 1); /* not zero */
	for (int i = 0; i < 20; i++)
		below(2);
	calls = 1 + below(CALLS);
	used = 1 + below(THREADS);
	growth = 40 + below(40); /* of a hundred calls so many allocate */
	for (size_t i = 1; i < used; i++)
		start(i);
	while (calls-- > 0) {
		size_t what = below(1000), thread = below(used);

		if (what < 2) {
			run(thread, TRIM);
		} else if (what < 5 && thread != 0) {
			run(thread, END);
			pthread_join(threads[thread].thread, NULL);
			start(thread);
		} else if (live_count == 0 || (live_count < BLOCKS && below(100) < growth)) {
			allocate(thread, largest);
		} else {
			release(thread);
		}
	}
	free_wrongly(below(used));
}

int main(int argc, char **argv)
{
	unsigned int first = argc > 2 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;
	unsigned int seeds = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0, told = 0;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (unsigned int seed = first; seed < first + seeds; seed++) {
		int status;
		pid_t child = fork();

		if (child == 0) {
			alarm(60);
			run_seed(seed);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child)
			return 1;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
			told++;
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != NO_FREE)
			printf("seed %u: wait status %x\n", seed, (unsigned int)status);
	}
	printf("told %u\n", told);
	return 0;
}
