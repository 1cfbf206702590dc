/* SPDX-License-Identifier: MIT */
/*
 * All frees are remote: producers allocate and never free, consumers free and never allocate. What an allocator does
 * for another thread's blocks is here on every operation.
 */
#include "bench.h"

#define NAME  "producer_consumer"
#define BATCH 128
#define RING  16

static uint64_t pairs = 1, batches = 60000, least = 16, most = 1040, seed = 42;

static const struct bench_argument arguments[] = {
    {"PAIRS", &pairs, 1, 1000, "of a producer and a consumer"},
    {"BATCHES", &batches, 1, 1u << 30, "that a pair passes on, of 128 blocks"},
    {"MIN", &least, 1, 1u << 30, "smallest block in bytes"},
    {"MAX", &most, 1, 1u << 30, "largest block in bytes"},
    {"SEED", &seed, 0, UINT64_MAX / 2, "of the random sizes"},
};

/* Batches `taken` to `made` are full. The lock is taken once a batch, so that it does not hide the allocator. */
struct pair {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t made, taken;
	unsigned char *ring[RING][BATCH];
	uint64_t state, checksum;
	pthread_t producer, consumer;
};

/* Waits until the other end has left room (or blocks), and returns the batch. */
static unsigned char **wait_for(struct pair *pair, const uint64_t *mine, uint64_t difference)
{
	unsigned char **batch = pair->ring[*mine % RING];

	pthread_mutex_lock(&pair->lock);
	while (pair->made - pair->taken == difference)
		pthread_cond_wait(&pair->changed, &pair->lock);
	pthread_mutex_unlock(&pair->lock);
	return batch;
}

static void pass_on(struct pair *pair, uint64_t *mine)
{
	pthread_mutex_lock(&pair->lock);
	(*mine)++;
	pthread_cond_signal(&pair->changed);
	pthread_mutex_unlock(&pair->lock);
}

static void *produce(void *argument)
{
	struct pair *pair = argument;

	for (uint64_t done = 0; done < batches; done++) {
		unsigned char **batch = wait_for(pair, &pair->made, RING);

		for (size_t i = 0; i < BATCH; i++)
			batch[i] = bench_block(NAME, &pair->state, least, most);
		pass_on(pair, &pair->made);
	}
	return NULL;
}

static void *consume(void *argument)
{
	struct pair *pair = argument;

	for (uint64_t done = 0; done < batches; done++) {
		unsigned char **batch = wait_for(pair, &pair->taken, 0);

		for (size_t i = 0; i < BATCH; i++) {
			pair->checksum += *batch[i];
			free(batch[i]);
		}
		pass_on(pair, &pair->taken);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t checksum = 0;
	struct pair *pair;
	double start;

	BENCH_ARGUMENTS(
	    argc, argv, NAME, "One thread of a pair allocates all blocks, the other frees them.", arguments);
	bench_range(NAME, least, most);
	pair = bench_pages(NAME, pairs * sizeof(*pair));
	start = bench_seconds();
	for (uint64_t i = 0; i < pairs; i++) {
		pthread_mutex_init(&pair[i].lock, NULL);
		pthread_cond_init(&pair[i].changed, NULL);
		pair[i].state = bench_seed(seed + i);
		pair[i].producer = bench_thread(NAME, produce, &pair[i]);
		pair[i].consumer = bench_thread(NAME, consume, &pair[i]);
	}
	for (uint64_t i = 0; i < pairs; i++) {
		pthread_join(pair[i].producer, NULL);
		pthread_join(pair[i].consumer, NULL);
		checksum += pair[i].checksum;
	}
	return bench_result(NAME, 2 * pairs * batches * BATCH, bench_seconds() - start, checksum);
}
