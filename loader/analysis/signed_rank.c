// SPDX-License-Identifier: MIT
/*
 * Wilcoxon's signed-rank test and its interval. Where the order of a block's runs is random, the signs of differences
 * that mean nothing are as random, whatever the noise: the test is exact by the way the experiment was run.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/statistics.h"

struct ranked {
	double size;
	bool positive;
	size_t rank; /* twice the rank, so that ties have whole ones */
};

static int by_size(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	return (a->size > b->size) - (a->size < b->size);
}

/* Ties share the mean of their ranks. */
static void rank(struct ranked *list, size_t count)
{
	size_t next;

	qsort(list, count, sizeof(*list), by_size);
	for (size_t first = 0; first < count; first = next) {
		for (next = first + 1; next < count && list[next].size == list[first].size; next++)
			;
		for (size_t i = first; i < next; i++)
			list[i].rank = first + next + 1; /* twice the mean of first + 1 .. next */
	}
}

/* Probabilities of the sums of a random half of the weights, 0..total; the caller frees them. NULL: out of memory. */
static double *sum_distribution(const size_t *weights, size_t count, size_t total)
{
	double *probability = calloc(total + 1, sizeof(*probability));
	size_t reached = 0;

	if (!probability)
		return NULL;
	probability[0] = 1;
	for (size_t i = 0; i < count; i++) {
		reached += weights[i];
		for (size_t sum = reached + 1; sum-- > 0;)
			probability[sum] =
			    (probability[sum] + (sum >= weights[i] ? probability[sum - weights[i]] : 0)) / 2;
	}
	return probability;
}

static double exact_p(const size_t *ranks, size_t count, size_t positive, size_t total)
{
	double *probability = sum_distribution(ranks, count, total), tail = 0;
	size_t smaller = positive < total - positive ? positive : total - positive;

	if (!probability)
		return 1;
	for (size_t sum = 0; sum <= smaller; sum++)
		tail += probability[sum];
	free(probability);
	return fmin(1, 2 * tail);
}

static double normal_p(const size_t *ranks, size_t count, size_t positive, size_t total)
{
	double variance = 0, distance = fabs(positive - total / 2.0) - 1; /* in doubled ranks, 1 is a half */

	for (size_t i = 0; i < count; i++)
		variance += (double)ranks[i] * ranks[i] / 4;
	return fmin(1, erfc(fmax(0, distance) / sqrt(2 * variance)));
}

double signed_rank_p(const double *differences, size_t count)
{
	struct ranked *list = calloc(count + 1, sizeof(*list));
	size_t *ranks = calloc(count + 1, sizeof(*ranks));
	size_t used = 0, positive = 0, total = 0;
	double p = 1;

	for (size_t i = 0; list && i < count; i++)
		if (differences[i] != 0)
			list[used++] = (struct ranked){fabs(differences[i]), differences[i] > 0, 0};
	if (list && ranks && used) {
		rank(list, used);
		for (size_t i = 0; i < used; i++) {
			ranks[i] = list[i].rank;
			total += ranks[i];
			positive += list[i].positive ? ranks[i] : 0;
		}
		p = used <= SIGNED_RANK_EXACT ? exact_p(ranks, used, positive, total)
		                              : normal_p(ranks, used, positive, total);
	}
	free(list);
	free(ranks);
	return p;
}

double signed_rank_least_p(size_t count)
{
	return count ? fmin(1, exp2(1 - (double)count)) : 1;
}

/* How many of the sorted means may be cut off at each end: the least rank sum that is not rejected. */
static size_t cut_exact(size_t count, double tail)
{
	size_t *ranks = calloc(count, sizeof(*ranks)), total = count * (count + 1) / 2, cut = 0;
	double *probability, sum = 0;

	for (size_t i = 0; ranks && i < count; i++)
		ranks[i] = i + 1;
	probability = ranks ? sum_distribution(ranks, count, total) : NULL;
	while (probability && cut <= total && sum + probability[cut] <= tail)
		sum += probability[cut++];
	free(ranks);
	free(probability);
	return cut;
}

static size_t cut_normal(size_t count, double tail)
{
	double mean = count * (count + 1.0) / 4, variance = count * (count + 1.0) * (2.0 * count + 1) / 24;

	return fmax(0, floor(mean + normal_quantile(tail) * sqrt(variance) - 0.5));
}

bool signed_rank_interval(
    const double *differences, size_t count, double level, double *middle, struct interval *interval)
{
	size_t pairs = count * (count + 1) / 2, filled = 0, cut;
	double *means = calloc(pairs + 1, sizeof(*means));

	*middle = NAN;
	*interval = (struct interval){-INFINITY, INFINITY};
	if (!means)
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i; j < count; j++)
			means[filled++] = (differences[i] + differences[j]) / 2;
	*middle = statistics_median(means, pairs);
	cut = !count                       ? 0
	      : count <= SIGNED_RANK_EXACT ? cut_exact(count, (1 - level) / 2)
	                                   : cut_normal(count, (1 - level) / 2);
	if (cut) {
		interval->low = means[cut - 1];
		interval->high = means[pairs - cut];
	}
	free(means);
	return true;
}
