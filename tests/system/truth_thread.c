/* SPDX-License-Identifier: MIT */
/*
 * Threads that come and go by the thousand, with glibc's stacks, with their own and without pthread. See truth.h.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include "truth.h"

#define ROUNDS      1000L
#define PIECE       8L /* pages of its stack that each thread touches */
#define OWN         2L /* those of them that an idle one touches, too: a thread's start and end take less */
#define OWN_STACK   (64L * 1024)
#define WAVES       20L
#define WAVE        25L
#define WAVE_PIECE  128L /* glibc keeps four of them with each stack that it keeps */
#define CLONES      16L
#define CLONE_STACK 32L /* pages */

static void touch_stack(long pages)
{
	volatile char *memory = __builtin_alloca((pages + 1) * PAGE);

	for (long page = pages; page > 0; page--)
		memory[page * PAGE] = 1;
}

static void *idle(void *unused)
{
	touch_stack(OWN);
	return unused;
}

static void *busy(void *unused)
{
	touch_stack(PIECE);
	return unused;
}

/* Each thread's stack is mapped for it and unmapped after it; in between, the same addresses are just memory. */
static void own_stacks(void *(*run)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;

	for (long round = 0; round < ROUNDS; round++) {
		char *stack = map(OWN_STACK / PAGE, 0);

		pthread_attr_init(&attributes);
		if (pthread_attr_setstack(&attributes, stack, OWN_STACK) ||
		    pthread_create(&thread, &attributes, run, NULL) || pthread_join(thread, NULL))
			fail("thread");
		munmap(stack, OWN_STACK);
		stack = map(OWN_STACK / PAGE, 0);
		touch(stack, 1);
		munmap(stack, OWN_STACK);
	}
}

static void idle_threads(long pages)
{
	(void)pages;
	own_stacks(idle);
}

static void thread_churn(long pages)
{
	(void)pages;
	own_stacks(busy);
	expect("stack", "thread", ROUNDS * (PIECE - OWN));
}

static pthread_barrier_t all_started;

static void *wave_idle(void *unused)
{
	touch_stack(OWN);
	pthread_barrier_wait(&all_started);
	return unused;
}

static void *wave_busy(void *unused)
{
	touch_stack(WAVE_PIECE);
	return wave_idle(unused);
}

/* More at once than glibc keeps the stacks of, so most are unmapped and mapped again. */
static void waves(void *(*run)(void *))
{
	pthread_t threads[WAVE];
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 8L << 20); /* musl's own choice is 128 KiB */
	for (long wave = 0; wave < WAVES; wave++) {
		pthread_barrier_init(&all_started, NULL, WAVE);
		for (long i = 0; i < WAVE; i++)
			if (pthread_create(&threads[i], &attributes, run, NULL))
				fail("pthread_create");
		for (long i = 0; i < WAVE; i++)
			pthread_join(threads[i], NULL);
	}
}

static void idle_waves(long pages)
{
	(void)pages;
	waves(wave_idle);
}

static void stack_waves(long pages)
{
	(void)pages;
	waves(wave_busy);
	expect("stack", "thread", WAVES * WAVE * (WAVE_PIECE - OWN));
}

static void clone_main(long pages)
{
	touch_stack(pages);
	syscall(SYS_exit, 0);
}

/* musl's clone() refuses threads. What the new one runs is in registers, which it inherits. */
static long clone_by_hand(unsigned long flags, char *stack, long pages, volatile int *alive)
{
	register volatile int *child_tid __asm__("r10") = alive;
	register long tls __asm__("r8") = 0;
	register void (*run)(long) __asm__("rbx") = clone_main;
	register long argument __asm__("r12") = pages;
	long result = SYS_clone;

	__asm__ volatile("syscall\n\t"
	                 "test %%rax, %%rax\n\t"
	                 "jnz 1f\n\t"
	                 "mov %%r12, %%rdi\n\t"
	                 "call *%%rbx\n\t"
	                 "1:"
	                 : "+a"(result)
	                 : "D"(flags), "S"(stack), "d"(NULL), "r"(child_tid), "r"(tls), "r"(run), "r"(argument)
	                 : "rcx", "r11", "memory");
	return result;
}

static void run_clones(long pages)
{
	static char *stack[CLONES];
	static volatile int alive[CLONES];

	/* All mapped before the first runs. */
	for (long i = 0; i < CLONES; i++)
		stack[i] = map(CLONE_STACK, 0);
	for (long i = 0; i < CLONES; i++) {
		alive[i] = 1;
		if (clone_by_hand(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		                      CLONE_CHILD_CLEARTID,
		        stack[i] + CLONE_STACK * PAGE, pages, &alive[i]) < 0)
			fail("clone");
		while (alive[i])
			sched_yield();
		/* What the thread left alone is its mapper's. */
		touch(stack[i], 2);
	}
}

static void idle_clones(long pages)
{
	(void)pages;
	run_clones(0);
}

static void clones(long pages)
{
	(void)pages;
	run_clones(PIECE);
	expect("stack", "thread", CLONES * PIECE);
}

static long chosen_pages;

static void *outlive(void *main_thread)
{
	pthread_join(*(pthread_t *)main_thread, NULL);
	touch(map(chosen_pages, 0), chosen_pages);
	expect("anon", TRUTH_NAME, chosen_pages);
	report_write();
	_exit(0);
}

/* The main thread ends first. */
static void leader_exit(long pages)
{
	static pthread_t self;
	pthread_t thread;

	self = pthread_self();
	chosen_pages = pages;
	if (pthread_create(&thread, NULL, outlive, &self))
		fail("pthread_create");
#ifdef __GLIBC__
	syscall(SYS_exit, 0); /* pthread_exit would load libgcc */
#else
	pthread_exit(NULL); /* else musl's pthread_join waits for ever */
#endif
}

static void *exec_again(void *pages)
{
	char number[16];

	touch(map((long)pages, 0), (long)pages);
	snprintf(number, sizeof(number), "%ld", (long)pages);
	setenv("TRUTH_AGAIN", "1", 1);
	execl("/proc/self/exe", "exec-in-thread", "exec-in-thread", number, NULL);
	fail("execl");
}

/* Not the main thread calls execve: it takes the main thread's place. */
static void exec_in_thread(long pages)
{
	pthread_t thread;

	if (!getenv("TRUTH_AGAIN")) {
		touch(map(pages, 0), pages);
		if (pthread_create(&thread, NULL, exec_again, (void *)pages))
			fail("pthread_create");
		pthread_join(thread, NULL);
		fail("the thread came back");
	}
	touch(map(pages, 0), pages);
	expect("anon", TRUTH_NAME, 3 * pages);
}

static const struct truth_case cases[] = {
    {"baseline-own-stacks", NULL, idle_threads, false},
    {"baseline-waves", NULL, idle_waves, false},
    {"baseline-clones", NULL, idle_clones, false},
    {"thread-churn", "baseline-own-stacks", thread_churn, false},
    {"stack-waves", "baseline-waves", stack_waves, false},
    {"clones", "baseline-clones", clones, false},
    {"leader-exit", "none", leader_exit, true},
    {"exec-in-thread", "none", exec_in_thread, true},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
