/* SPDX-License-Identifier: MIT */
/*
 * Quantiles of a histogram with logarithmic buckets. See snapshot.h.
 */
#include "snapshot/snapshot.h"

/* Bucket 0 also holds durations of 0, so it starts there. */
static double bucket_start(unsigned int bucket)
{
	return bucket ? (double)(UINT64_C(1) << bucket) : 0;
}

uint64_t histogram_quantile(const uint64_t histogram[HISTOGRAM_BUCKETS], unsigned int permille)
{
	double below = 0, wanted, total = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += (double)histogram[i];
	if (total == 0)
		return UNKNOWN;
	wanted = total * (permille < 1000 ? permille : 1000) / 1000;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double start = bucket_start(i);
		double count = (double)histogram[i];

		if (count > 0 && below + count >= wanted)
			return (uint64_t)(start + (bucket_start(i + 1) - start) * (wanted - below) / count);
		below += count;
	}
	return UNKNOWN; /* not reached: the last filled bucket holds the end */
}
