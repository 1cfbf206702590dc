// SPDX-License-Identifier: MIT
/* Tests of loader/assist/call_filter.c: in children, for a filter stays. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "assist/call_filter.h"

enum { NO_FILTERS = 77 };

/* Runs in a child under the filter; its value is what went wrong, 0: nothing. */
static void under_filter(int (*what)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (call_filter_install())
			_exit(errno == EINVAL || errno == ENOSYS ? NO_FILTERS : 100);
		_exit(what());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_FILTERS)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool refused(long result)
{
	return result == -1 && errno == EPERM;
}

static int try_to_write(void)
{
	if (!refused(open("/dev/null", O_WRONLY)) || !refused(open("/dev/null", O_RDWR)))
		return 1;
	if (!refused(open("/tmp/never", O_RDONLY | O_CREAT, 0600)) || !refused(open("/tmp", O_TMPFILE | O_RDWR, 0600)))
		return 2;
	if (!refused(truncate("/dev/null", 0)) || !refused(rename("/tmp/a", "/tmp/b")) || !refused(chmod("/tmp", 0777)))
		return 3;
#ifdef SYS_open
	if (!refused(syscall(SYS_open, "/dev/null", O_RDONLY)))
		return 4;
#endif
	return 0;
}

static int try_others(void)
{
	struct iovec none = {};

	if (!refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)))
		return 1;
	if (!refused(process_vm_writev(getppid(), &none, 1, &none, 1, 0)))
		return 2;
	if (!refused(execl("/bin/true", "true", NULL)))
		return 3;
	if (!refused(setuid(0)) || !refused(setgid(0)))
		return 4;
	return 0;
}

static int try_to_read(void)
{
	char byte;
	int descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), sockets[2];

	if (descriptor < 0 || read(descriptor, &byte, 1) != 1)
		return 1;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) || write(sockets[0], "x", 1) != 1)
		return 2;
	free(malloc(1 << 24));
	return 0;
}

static int result_of_thread;
static pthread_barrier_t filtered;

static void *in_thread(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&filtered);
	result_of_thread = try_to_write();
	return NULL;
}

static void nothing_is_written(void **state)
{
	(void)state;
	under_filter(try_to_write);
}

static void no_other_process_is_touched(void **state)
{
	(void)state;
	under_filter(try_others);
}

static void reading_goes_on(void **state)
{
	(void)state;
	under_filter(try_to_read);
}

static void threads_that_there_are_count_too(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		pthread_t thread;

		pthread_barrier_init(&filtered, NULL, 2);
		if (pthread_create(&thread, NULL, in_thread, NULL))
			_exit(101);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (call_filter_install())
			_exit(errno == EINVAL || errno == ENOSYS ? 0 : 100);
		pthread_barrier_wait(&filtered);
		pthread_join(thread, NULL);
		_exit(result_of_thread);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_written),
	    cmocka_unit_test(no_other_process_is_touched),
	    cmocka_unit_test(reading_goes_on),
	    cmocka_unit_test(threads_that_there_are_count_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
