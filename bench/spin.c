/* SPDX-License-Identifier: MIT */
/*
 * Processor time and nothing else: what an experiment must tell apart. SPIN_MORE=PERCENT spins so much longer, so that
 * two arms of one command differ by a known amount, and not by their arguments.
 */
#include "bench.h"

#define NAME "spin"

int main(int argc, char **argv)
{
	uint64_t rounds = 10000000;
	const struct bench_argument arguments[] = {
	    {"ROUNDS", &rounds, 1, 1ull << 50, "multiplications, one after the other"},
	};
	const char *more = getenv("SPIN_MORE");
	uint64_t state = bench_seed(42);
	double start;

	BENCH_ARGUMENTS(argc, argv, NAME,
	    "Multiplies ROUNDS times; SPIN_MORE=PERCENT in the environment: so much longer.", arguments);
	if (more)
		rounds += rounds * bench_number(NAME, "SPIN_MORE", more, 0, 1000) / 100;
	start = bench_seconds();
	for (uint64_t i = 0; i < rounds; i++)
		state = state * 0x5851f42d4c957f2du + 1;
	return bench_result(NAME, rounds, bench_seconds() - start, state);
}
