/* SPDX-License-Identifier: MIT */
/*
 * Touches a known number of pages in threads, in forked children, and across exec. See truth.h.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "truth.h"

#define THREADS      4
#define CHURN_ROUNDS 200
#define CHURN_PAGES  4
#define EXEC_ROUNDS  5
/* The kernel takes no single string above 128 KiB. */
#define STRING_SIZE (64L * 1024)
#define STRINGS     16
#define ROUND_NAME  "TRUTH_EXEC_ROUND"
#define SELF        "/proc/self/exe"

static char zeroes[MOST_PAGES * PAGE] __attribute__((aligned(PAGE)));
static char string[STRING_SIZE];
static pthread_barrier_t all_started;

/* Threads all alive at once: glibc would give the second one the first one's stack again. */
static void run_threads(void *(*run)(void *), long *argument)
{
	pthread_t threads[THREADS];
	pthread_attr_t attributes;

	/* musl's own choice is 128 KiB. */
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 8L << 20);
	if (pthread_barrier_init(&all_started, NULL, THREADS))
		fail("pthread_barrier_init");
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], &attributes, run, argument))
			fail("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void *wait_for_all(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&all_started);
	return NULL;
}

static void threads_only(long pages)
{
	(void)pages;
	run_threads(wait_for_all, NULL);
}

static void *fill_stack(void *argument)
{
	long pages = *(long *)argument;
	volatile char *memory = __builtin_alloca((pages + 1) * PAGE);

	for (long page = pages; page > 0; page--)
		memory[page * PAGE] = 1;
	return wait_for_all(NULL);
}

static void thread_stacks(long pages)
{
	long each = (pages + THREADS - 1) / THREADS;

	run_threads(fill_stack, &each);
	expect("stack", "thread", THREADS * each);
}

static void *map_and_unmap(void *unused)
{
	(void)unused;
	wait_for_all(NULL);
	for (int i = 0; i < CHURN_ROUNDS; i++) {
		char *memory = map(CHURN_PAGES, 0);

		touch(memory, CHURN_PAGES);
		munmap(memory, CHURN_PAGES * PAGE);
	}
	return NULL;
}

static void churn(long pages)
{
	(void)pages;
	run_threads(map_and_unmap, NULL);
	expect("anon", TRUTH_NAME, THREADS * CHURN_ROUNDS * CHURN_PAGES);
}

static pid_t start_child(void)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	return child;
}

static void wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		fail("child");
}

static void fork_only(long pages)
{
	pid_t child = start_child();

	(void)pages;
	if (!child)
		_exit(0);
	wait_for(child);
}

/* Written by the parent, copied when the child writes: counted once for each of them. */
static void fork_copied(long pages)
{
	char *memory = map(pages, 0);
	pid_t child;

	touch(memory, pages);
	touch(zeroes, pages);
	child = start_child();
	if (!child) {
		touch(memory, pages);
		touch(zeroes, pages);
		_exit(0);
	}
	wait_for(child);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect("program", "bss", 2 * pages);
}

/* What the parent mapped and never touched, and what the child maps itself. */
static void fork_fresh(long pages)
{
	char *memory = map(pages, 0);
	pid_t child = start_child();

	if (!child) {
		touch(memory, pages);
		touch(zeroes, pages);
		touch(map(pages, 0), pages);
		_exit(0);
	}
	wait_for(child);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect("program", "bss", pages);
}

static long exec_round(void)
{
	const char *value = getenv(ROUND_NAME);

	return value ? atol(value) : 0;
}

static void exec_self(const char *name, long pages, char **environment)
{
	char number[16];

	snprintf(number, sizeof(number), "%ld", pages);
	execve(SELF, (char *[]){(char *)name, (char *)name, number, NULL}, environment);
	fail("execve");
}

/* The same task goes through several programs; each leaves some faults behind, only the last one touches the pages. */
static void exec_chain(long pages)
{
	char round[64];

	touch(map(pages, 0), pages);
	if (exec_round() + 1 < EXEC_ROUNDS) {
		snprintf(round, sizeof(round), ROUND_NAME "=%ld", exec_round() + 1);
		exec_self("exec-chain", pages, (char *[]){round, NULL});
	}
	expect("anon", TRUTH_NAME, EXEC_ROUNDS * pages);
}

/* execve fills the new stack before the new program runs: nobody takes an exception for these pages. */
static void exec_environment(long pages)
{
	char *environment[STRINGS + 2];

	if (!exec_round()) {
		memset(string, 'x', STRING_SIZE - 1);
		memcpy(string, "FILLER=", 7);
		for (int i = 0; i < STRINGS; i++)
			environment[i] = string;
		environment[STRINGS] = ROUND_NAME "=1";
		environment[STRINGS + 1] = NULL;
		exec_self("exec-environment", pages, environment);
	}
	report_line("expect-populated stack main %ld\n", STRINGS * STRING_SIZE / PAGE);
}

/* The child borrows the parent's memory until it has its own. */
static void vfork_exec(long pages)
{
	char number[16];
	pid_t child;

	snprintf(number, sizeof(number), "%ld", pages);
	child = vfork();
	if (child < 0)
		fail("vfork");
	if (!child) {
		execl(SELF, "fork-copied-quietly", "fork-copied-quietly", number, NULL);
		_exit(127);
	}
	wait_for(child);
	expect("anon", TRUTH_NAME, 2 * pages);
	expect("program", "bss", 2 * pages);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, NULL, false},
    {"baseline-threads", NULL, threads_only, false},
    {"baseline-fork", NULL, fork_only, false},
    {"thread-stacks", "baseline-threads", thread_stacks, false},
    {"churn", "baseline-threads", churn, false},
    {"fork-copied", "baseline-fork", fork_copied, false},
    {"fork-fresh", "baseline-fork", fork_fresh, false},
    {"exec-chain", "none", exec_chain, true},
    {"exec-environment", "none", exec_environment, true},
    {"vfork-exec", "none", vfork_exec, true},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "fork-copied-quietly")) {
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		fork_copied(argc > 2 ? atol(argv[2]) : DEFAULT_PAGES);
		return 0;
	}
	return truth_main(argc, argv, cases);
}
