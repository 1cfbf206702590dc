// SPDX-License-Identifier: MIT
/*
 * What may happen before libhakmem's constructor: other constructors allocate, start threads and end them; and a system
 * call's wrapper that another library puts before libc's allocates itself, even while libhakmem is starting.
 */
#include "test.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "hakmem.h"
#include "heap.h"

static unsigned int allocated_while_starting;
static char *early;

int prctl(int option, ...)
{
	unsigned long more[4];
	va_list arguments;

	va_start(arguments, option);
	for (int i = 0; i < 4; i++)
		more[i] = va_arg(arguments, unsigned long);
	va_end(arguments);
	if (option == PR_SET_VMA) {
		early = opaque(malloc(100));
		memset(early, 1, 100);
		allocated_while_starting++;
	}
	return (int)syscall(SYS_prctl, option, more[0], more[1], more[2], more[3]);
}

static void *allocate(void *argument)
{
	free(opaque(malloc(100)));
	return argument;
}

/* Linked before libhakmem's constructor of the same priority, so it runs before that. */
__attribute__((constructor(101))) static void run_threads(void)
{
	alarm(10); /* should starting wait for itself */
	for (int i = 0; i < 10; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, allocate, NULL) == 0)
			pthread_join(thread, NULL);
	}
	alarm(0);
}

static void a_wrapper_allocates_while_starting(void **state)
{
	(void)state;
	assert_int_equal(allocated_while_starting, 1);
	assert_int_equal(early[99], 1);
	free(early);
	assert_true(heap_is_real(heap_current));
}

static void threads_before_the_constructor_leave_their_heap(void **state)
{
	struct hakmem_statistics statistics;

	(void)state;
	hakmem_get_statistics(&statistics, sizeof(statistics));
	assert_int_equal(statistics.heaps, 2); /* the main thread's, and one for ten threads in turn */
}

static pthread_key_t late_key;
static struct heap *heap_in_late_destructor;

static void late(void *block)
{
	heap_in_late_destructor = heap_current;
	free(block);
}

static void *set_late(void *argument)
{
	pthread_setspecific(late_key, opaque(malloc(100)));
	return argument;
}

static void other_destructors_still_have_the_heap(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_key_create(&late_key, late), 0);
	assert_int_equal(pthread_create(&thread, NULL, set_late, NULL), 0);
	pthread_join(thread, NULL);
	assert_non_null(heap_in_late_destructor);
	assert_true(heap_is_real(heap_in_late_destructor));
	assert_int_equal(heap_in_late_destructor->state, HEAP_ABANDONED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wrapper_allocates_while_starting),
	    cmocka_unit_test(threads_before_the_constructor_leave_their_heap),
	    cmocka_unit_test(other_destructors_still_have_the_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
