// SPDX-License-Identifier: MIT
/*
 * Runs the allocator's fuzzer without libFuzzer, for compilers that have none: inputs from files, or made from a seed,
 * one after another until the time is up. The same seed gives the same inputs.
 *
 *     driver FILE...                 replays inputs
 *     driver -s SEED -t SECONDS      makes inputs; says how many at the end, and every minute
 *     driver -s SEED -n COUNT        so many
 *     -o FOLDER                      writes them there, too: for libFuzzer to begin with
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LENGTH_MOST 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int usage(void)
{
	fputs("usage: driver FILE... | -s SEED -t SECONDS | -s SEED -n COUNT [-o FOLDER]\n", stderr);
	return 2;
}

static int replay(const char *path)
{
	static uint8_t input[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	size = fread(input, 1, sizeof(input), file);
	fclose(file);
	LLVMFuzzerTestOneInput(input, size);
	return 0;
}

static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL >> 11;
}

static void write_to(const char *folder, unsigned long number, const uint8_t *input, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%lu", folder, number);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(input, 1, size, file) != size || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void make_and_run(uint64_t *state, const char *folder, unsigned long number)
{
	uint8_t input[LENGTH_MOST];
	size_t size = 1 + draw(state) % LENGTH_MOST;

	for (size_t i = 0; i < size; i++)
		input[i] = (uint8_t)draw(state);
	if (folder != NULL)
		write_to(folder, number, input, size);
	LLVMFuzzerTestOneInput(input, size);
}

int main(int argc, char **argv)
{
	unsigned long count = 0, most = 0;
	time_t begin = time(NULL), said = begin;
	uint64_t state = 1;
	const char *folder = NULL;
	long seconds = 0;
	int option;

	while ((option = getopt(argc, argv, "s:t:n:o:")) != -1) {
		if (option == 's')
			state = strtoull(optarg, NULL, 10) * 0x9e3779b97f4a7c15ULL | 1;
		else if (option == 't')
			seconds = strtol(optarg, NULL, 10);
		else if (option == 'n')
			most = strtoul(optarg, NULL, 10);
		else if (option == 'o')
			folder = optarg;
		else
			return usage();
	}
	if ((optind == argc) == (seconds <= 0 && most == 0))
		return usage();
	for (; optind < argc; optind++)
		if (replay(argv[optind]) != 0)
			return 1;
	while (count < most || (most == 0 && time(NULL) - begin < seconds)) {
		make_and_run(&state, folder, count++);
		if (time(NULL) - said >= 60) {
			said = time(NULL);
			fprintf(stderr, "%lu inputs in %ld s\n", count, (long)(said - begin));
		}
	}
	printf("fuzz: ok, %lu inputs\n", count);
	return 0;
}
