// SPDX-License-Identifier: MIT
/*
 * Programs of which is known where their CPU time goes, for hakmem-trace breakdown. Prints what it measured itself by
 * the thread's CPU clock at the borders of phases that are long beside a sample: "spin NS" and "other NS".
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE    4096
#define PAGES   2048 /* a phase of faults: some milliseconds */
#define THREADS 4

static uint64_t spin_ns, other_ns;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* Does nothing but count. */
static void __attribute__((noinline)) spin(uint64_t rounds)
{
	for (volatile uint64_t i = 0; i < rounds; i++)
		;
}

static uint64_t rounds_per_ms(void)
{
	uint64_t start = now();

	spin(4000000);
	return 4000000ULL * 1000000 / (now() - start);
}

static char *map(size_t pages)
{
	char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
	return memory;
}

static void __attribute__((noinline)) touch(volatile char *memory, size_t pages)
{
	for (size_t page = 0; page < pages; page++)
		memory[page * PAGE] = 1;
}

static void do_faults(void)
{
	char *memory = map(PAGES);

	touch(memory, PAGES);
	munmap(memory, PAGES * PAGE);
}

static void do_calls(void)
{
	for (int i = 0; i < 30000; i++)
		syscall(SYS_getppid);
}

static void do_maps(void)
{
	for (int i = 0; i < 2000; i++)
		munmap(map(16), 16 * PAGE);
}

/* String instructions, which run on after an interrupt with the flag that marks a fault's end. */
static void do_strings(void)
{
	static char buffer[8 * PAGE];

	for (int i = 0; i < 5000; i++) {
		void *to = buffer;
		size_t count = sizeof(buffer);

		__asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(0) : "memory");
	}
}

static volatile bool stop;

static void *purge(void *context)
{
	char *memory = map(64);

	(void)context;
	while (!stop) {
		touch(memory, 64);
		madvise(memory, 64 * PAGE, MADV_DONTNEED);
	}
	return NULL;
}

static void do_purges(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, purge, NULL);
	usleep(700000);
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void do_forks(void)
{
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

static void do_spins(void)
{
	spin(rounds_per_ms() * 2);
}

static const struct {
	const char *name;
	void (*work)(void);
} kinds[] = {{"spin", do_spins}, {"faults", do_faults}, {"calls", do_calls}, {"maps", do_maps}, {"strings", do_strings},
    {"purges", do_purges}, {"forks", do_forks}};

/* Spinning and the other work in turn, until this much CPU time is used. */
static void alternate(void (*work)(void), uint64_t until_ms, uint64_t spin_ms)
{
	uint64_t rounds = rounds_per_ms() * spin_ms, start = now(), middle, end = start;

	while ((end - start) / 1000000 < until_ms) {
		uint64_t before = now();

		if (rounds)
			spin(rounds);
		middle = now();
		work();
		end = now();
		spin_ns += middle - before;
		other_ns += end - middle;
		if (work == do_purges)
			return;
	}
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 4 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		alternate(kinds[i].work, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
		printf("spin %lu\nother %lu\n", spin_ns, other_ns);
		return 0;
	}
	fputs("usage: busy spin|faults|calls|maps|strings|purges|forks MS SPIN-MS\n", stderr);
	return 2;
}
