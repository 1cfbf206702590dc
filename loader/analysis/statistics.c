// SPDX-License-Identifier: MIT
/* Random numbers, order statistics, the bootstrap, Holm. The signed-rank test is in signed_rank.c. */
#include "analysis/statistics.h"

#include <math.h>
#include <stdlib.h>

#define BOOTSTRAP_SAMPLES 2000

struct random_stream random_start(uint64_t seed)
{
	return (struct random_stream){.state = seed};
}

uint64_t random_next(struct random_stream *stream)
{
	uint64_t mixed = stream->state += 0x9e3779b97f4a7c15ULL;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
	return mixed ^ (mixed >> 31);
}

size_t random_below(struct random_stream *stream, size_t bound)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound, number;

	/* The last, incomplete round of numbers would favour the small ones. */
	do
		number = random_next(stream);
	while (number >= limit);
	return number % bound;
}

void random_permutation(struct random_stream *stream, size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t other = random_below(stream, i), last = order[i - 1];

		order[i - 1] = order[other];
		order[other] = last;
	}
}

static int by_value(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void statistics_sort(double *values, size_t count)
{
	if (count)
		qsort(values, count, sizeof(*values), by_value);
}

double statistics_quantile(const double *sorted, size_t count, double share)
{
	double place, below;
	size_t index;

	if (!count)
		return NAN;
	place = share * (count - 1);
	below = floor(place);
	index = below;
	if (index + 1 >= count)
		return sorted[count - 1];
	/* Not by adding a share of the difference: of two infinities there is none. */
	return place > below ? sorted[index] * (1 - (place - below)) + sorted[index + 1] * (place - below)
	                     : sorted[index];
}

double statistics_median(double *values, size_t count)
{
	statistics_sort(values, count);
	return statistics_quantile(values, count, 0.5);
}

static void swap(double *left, double *right)
{
	double held = *left;

	*left = *right;
	*right = held;
}

/*
 * Puts the value of that rank in its place, smaller ones before it, larger ones behind (Hoare's selection): of the many
 * thousand lists of a bootstrap nothing but the median is wanted.
 */
static double select_rank(double *values, size_t count, size_t rank)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		double pivot = values[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;;) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&values[i++], &values[j--]);
		}
		if (rank <= j)
			high = j;
		else
			low = j + 1;
	}
	return values[rank];
}

static double quick_median(double *values, size_t count)
{
	double upper = select_rank(values, count, count / 2), lower = -INFINITY;

	if (count % 2)
		return upper;
	for (size_t i = 0; i < count / 2; i++)
		lower = fmax(lower, values[i]);
	return (lower + upper) / 2;
}

static double resampled_ratio(const double *left, const double *right, size_t count, struct random_stream *stream,
    double *left_sample, double *right_sample)
{
	for (size_t i = 0; i < count; i++) {
		size_t pair = random_below(stream, count);

		left_sample[i] = left[pair];
		right_sample[i] = right[pair];
	}
	return quick_median(right_sample, count) / quick_median(left_sample, count);
}

bool bootstrap_median_ratio(
    const double *left, const double *right, size_t count, double level, uint64_t seed, struct interval *interval)
{
	struct random_stream stream = random_start(seed);
	double *ratios = calloc(BOOTSTRAP_SAMPLES + 2 * count, sizeof(*ratios));

	*interval = (struct interval){NAN, NAN};
	if (!ratios)
		return false;
	for (size_t i = 0; count && i < BOOTSTRAP_SAMPLES; i++)
		ratios[i] = resampled_ratio(
		    left, right, count, &stream, ratios + BOOTSTRAP_SAMPLES, ratios + BOOTSTRAP_SAMPLES + count);
	if (count) {
		statistics_sort(ratios, BOOTSTRAP_SAMPLES);
		interval->low = statistics_quantile(ratios, BOOTSTRAP_SAMPLES, (1 - level) / 2);
		interval->high = statistics_quantile(ratios, BOOTSTRAP_SAMPLES, (1 + level) / 2);
	}
	free(ratios);
	return true;
}

/* The least of those not corrected yet times how many there are, and no less than what came before. There are few. */
void holm(double *p, size_t count)
{
	double before = 0;

	for (size_t left = count; left > 0; left--) {
		size_t least = count;

		/* Those that are done are kept below 0 until the end. */
		for (size_t i = 0; i < count; i++)
			if (p[i] >= 0 && (least == count || p[i] < p[least]))
				least = i;
		before = fmin(1, fmax(before, p[least] * left));
		p[least] = -1 - before;
	}
	for (size_t i = 0; i < count; i++)
		p[i] = -1 - p[i];
}

/* By bisection of the distribution function, which libm has: exact to the last few bits, and not called often. */
double normal_quantile(double p)
{
	double low = -40, high = 40;

	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (erfc(-middle / M_SQRT2) / 2 < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

double pairs_needed(
    size_t pairs, double half_width, double interval_level, double difference, double level, double power)
{
	double test = normal_quantile(1 - level / 2), spread, needed;
	size_t fewest = 1;

	if (!isfinite(half_width) || difference == 0 || isnan(difference))
		return NAN;
	while (signed_rank_least_p(fewest) > level)
		fewest++;
	/* The interval's own width tells what this procedure makes of this noise, heavy tails included. */
	spread = half_width * sqrt(pairs) / normal_quantile((1 + interval_level) / 2);
	needed = pow((test + normal_quantile(power)) * spread / difference, 2) + test * test / 2;
	return fmax(ceil(needed), fewest);
}
