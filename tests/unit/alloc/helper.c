// SPDX-License-Identifier: MIT
/* The helper: there only while much is kept; gives back what nobody used; leaves alone what is in use; no trace in
 * forks. */
/* beside: VMs. It waits for time to pass. */
#include "test.h"

#include <dirent.h>
#include <pthread.h>
#include <time.h>

#include "helper.h"
#include "options.h"
#include "purge.h"

#define BLOCKS           3000
#define PATIENCE_SECONDS 60 /* far beyond the second that it takes */

static char *blocks[BLOCKS];

static size_t threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	while ((entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

/* More than HELPER_BOUND, in small, medium and large blocks. */
static void fill(void)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		size_t size = i % 300 == 0 ? 3 * MIB : i % 30 == 0 ? 200 * KIB : 2000;

		blocks[i] = opaque(malloc(size));
		memset(blocks[i], 1, size);
	}
}

static void empty(void)
{
	for (size_t i = 0; i < BLOCKS; i++)
		free(blocks[i]);
}

static bool becomes_true(bool (*condition)(void))
{
	for (int i = 0; i < PATIENCE_SECONDS * 100; i++) {
		if (condition())
			return true;
		usleep(10000); /* no call of ours */
	}
	return false;
}

static bool little_is_kept(void)
{
	return purge_kept_bytes() < 1 * MIB;
}

static bool nobody_helps(void)
{
	return threads() == 1;
}

static void unused_memory_is_given_back_without_a_call(void **state)
{
	(void)state;
	fill();
	assert_int_equal(threads(), 1);
	empty();
	assert_int_equal(threads(), 2);
	assert_true(becomes_true(little_is_kept));
	assert_true(becomes_true(nobody_helps));
	/* Again, after it has ended. */
	fill();
	empty();
	assert_true(becomes_true(little_is_kept));
}

static void live_blocks_keep_their_contents(void **state)
{
	(void)state;
	fill();
	for (size_t i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
	assert_true(becomes_true(little_is_kept));
	for (size_t i = 1; i < BLOCKS; i += 2) {
		size_t size = i % 300 == 0 ? 3 * MIB : i % 30 == 0 ? 200 * KIB : 2000;

		for (size_t at = 0; at < size; at += 100)
			assert_int_equal(blocks[i][at], 1);
		free(blocks[i]);
	}
}

static void purged_memory_is_known_to_be_zero(void **state)
{
	(void)state;
	fill();
	empty();
	assert_true(becomes_true(little_is_kept));
	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = opaque(calloc(1, 2000));
		for (size_t at = 0; at < 2000; at++)
			assert_int_equal(blocks[i][at], 0);
	}
	empty();
}

static void without_it_no_thread_is_made(void *argument)
{
	char *environment[] = {"HAKMEM_HELPER=0", NULL};

	(void)argument;
	options_read(environment, false);
	fill();
	empty();
	if (threads() != 1 || purge_kept_bytes() > 64 * MIB)
		_exit(1);
}

static void can_be_switched_off(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(run_in_child(without_it_no_thread_is_made, NULL, text, sizeof(text)), 0);
}

static void has_its_own_helper(void *argument)
{
	(void)argument;
	if (threads() != 1)
		_exit(1);
	fill();
	empty();
	if (threads() != 2 || !becomes_true(little_is_kept))
		_exit(2);
}

static void a_forked_child_gets_its_own(void **state)
{
	char text[256];

	(void)state;
	fill();
	empty();
	assert_int_equal(threads(), 2);
	assert_int_equal(run_in_child(has_its_own_helper, NULL, text, sizeof(text)), 0);
}

/* The child runs in this process's memory: a helper of its own would end with it, and nobody would know. */
static void a_vfork_child_starts_none(void **state)
{
	pid_t child;
	int status;

	(void)state;
	assert_true(becomes_true(nobody_helps));
	fill();
	child = vfork();
	if (child == 0) {
		empty();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(threads(), 1);
	fill();
	empty();
	assert_int_equal(threads(), 2);
	assert_true(becomes_true(little_is_kept));
}

static void *do_nothing(void *argument)
{
	return argument;
}

/* The C library frees what ended threads had, under the lock that making a thread takes. */
static void join_many(void *argument)
{
	pthread_t joined[500];
	timer_t timer;

	(void)argument;
	/* Whoever makes a thread has all signals blocked, but for this one. */
	timer_create(CLOCK_MONOTONIC, &(struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL}, &timer);
	timer_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = PATIENCE_SECONDS}, NULL);
	for (size_t i = 0; i < 500; i++)
		if (pthread_create(&joined[i], NULL, do_nothing, NULL) != 0)
			_exit(1);
	purge_count_kept(2 * HELPER_BOUND);
	for (size_t i = 0; i < 500; i++)
		pthread_join(joined[i], NULL);
}

static void never_starts_under_the_c_librarys_locks(void **state)
{
	char text[256];

	(void)state;
	assert_int_equal(run_in_child(join_many, NULL, text, sizeof(text)), 0);
}

static volatile sig_atomic_t signals_here;
static pthread_t tester;

static void note(int signal)
{
	(void)signal;
	signals_here += pthread_equal(pthread_self(), tester) != 0;
}

/* Blocked here, a signal to the process would go to any other thread that takes it. */
static void takes_no_signals(void **state)
{
	sigset_t set, pending;

	(void)state;
	tester = pthread_self();
	fill();
	empty();
	assert_int_equal(threads(), 2);
	signal(SIGUSR1, note);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	usleep(50000);
	sigpending(&pending);
	assert_true(sigismember(&pending, SIGUSR1));
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	assert_int_equal(signals_here, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unused_memory_is_given_back_without_a_call),
	    cmocka_unit_test(live_blocks_keep_their_contents),
	    cmocka_unit_test(purged_memory_is_known_to_be_zero),
	    cmocka_unit_test(can_be_switched_off),
	    cmocka_unit_test(a_forked_child_gets_its_own),
	    cmocka_unit_test(a_vfork_child_starts_none),
	    cmocka_unit_test(never_starts_under_the_c_librarys_locks),
	    cmocka_unit_test(takes_no_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
