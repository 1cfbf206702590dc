/* SPDX-License-Identifier: MIT */
/*
 * What a thread that has stopped allocating still holds: many threads allocate a little, free it and wait. Memory that
 * is resident then is what their caches cost.
 */
#include "bench.h"

#define NAME  "idle_threads"
#define STACK (64ul << 10)

static uint64_t threads = 1000, blocks = 100, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"THREADS", &threads, 1, 30000, "that wait in the end"},
    {"BLOCKS", &blocks, 1, 1000, "that each allocates and frees before"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random sizes"},
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed, end;
	uint64_t waiting, checksum;
	int ended;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .end = PTHREAD_COND_INITIALIZER};

static uint64_t allocate_a_little(uint64_t number)
{
	unsigned char *block[1000];
	uint64_t state = bench_seed(seed + number), sum = 0;

	for (uint64_t i = 0; i < blocks; i++)
		block[i] = bench_block(NAME, &state, least, most);
	for (uint64_t i = 0; i < blocks; i++) {
		sum += *block[i];
		free(block[i]);
	}
	return sum;
}

static void *live(void *argument)
{
	uint64_t sum = allocate_a_little((uintptr_t)argument);

	pthread_mutex_lock(&gate.lock);
	gate.checksum += sum;
	gate.waiting++;
	pthread_cond_signal(&gate.changed);
	while (!gate.ended)
		pthread_cond_wait(&gate.end, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	return NULL;
}

static void start_threads(pthread_t *thread)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (uint64_t i = 0; i < threads; i++) {
		int error = pthread_create(&thread[i], &attributes, live, (void *)(uintptr_t)i);

		if (error) {
			fprintf(stderr, NAME ": no thread: %s\n", strerror(error));
			exit(1);
		}
	}
	pthread_attr_destroy(&attributes);
	pthread_mutex_lock(&gate.lock);
	while (gate.waiting < threads)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

int main(int argc, char **argv)
{
	uint64_t before, idle;
	pthread_t *thread;
	double start, seconds;

	BENCH_ARGUMENTS(argc, argv, NAME, "Has many threads allocate a little, free it and wait.", arguments);
	bench_range(NAME, least, most);
	thread = bench_pages(NAME, threads * sizeof(*thread));
	before = bench_resident();
	start = bench_seconds();
	start_threads(thread);
	seconds = bench_seconds() - start;
	idle = bench_resident();
	pthread_mutex_lock(&gate.lock);
	gate.ended = 1;
	pthread_cond_broadcast(&gate.end);
	pthread_mutex_unlock(&gate.lock);
	for (uint64_t i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	bench_figure(NAME, "resident with all threads idle", idle - before, "KiB");
	return bench_result(NAME, 2 * threads * blocks, seconds, gate.checksum);
}
