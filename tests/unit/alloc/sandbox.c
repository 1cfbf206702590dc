// SPDX-License-Identifier: MIT
/* After start-up, without the helper, only mmap, munmap, mremap, madvise, mprotect and futex are called: the kernel
 * kills whoever calls else. Where it refuses instead, or refuses some of these, too, the program goes on. */
#include "test.h"

#include "assist.h"
#include "filter_calls.h"
#include "hardened.h"
#include "helper.h"
#include "options.h"
#include "purge.h"

static void enter_sandbox(uint32_t otherwise)
{
	const int calls[] = {SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mprotect, SYS_futex, SYS_exit_group};

	filter_calls(calls, sizeof(calls) / sizeof(calls[0]), SECCOMP_RET_ALLOW, otherwise);
}

static void use_everything(void)
{
	static unsigned char *blocks[3000];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 3000; i++)
			blocks[i] = opaque(calloc(1, i * 7 + (i % 100 == 0 ? i * 1000 : 0)));
		for (size_t i = 0; i < 3000; i++) {
			blocks[i] = opaque(realloc(blocks[i], i * 9 + (i % 100 == 0 ? i * 2000 : 0) + 1));
			if (blocks[i] == NULL || (i != 0 && blocks[i][0] != 0))
				_exit(1);
			blocks[i][0] = 1;
		}
		for (size_t i = 0; i < 3000; i++)
			free(blocks[i]);
		malloc_trim(0);
	}
}

static void allocate_everything(void *option)
{
	char *environment[] = {"HAKMEM_HELPER=0", option, NULL};

	options_read(environment, false);
	if (option)
		assist_start();
	enter_sandbox(SECCOMP_RET_KILL_PROCESS);
	use_everything();
}

static void stays_within_its_system_calls(void **state)
{
	(void)state;
	child_succeeds(allocate_everything, NULL);
}

static void so_it_does_with_assistance(void **state)
{
	(void)state;
	child_succeeds(allocate_everything, "HAKMEM_ASSIST=auto");
}

static void allocate_where_much_is_refused(void *argument)
{
	static void *blocks[100];

	(void)argument;
	enter_sandbox(SECCOMP_RET_ERRNO | EPERM);
	use_everything();
	for (size_t i = 0; i < 100; i++) {
		blocks[i] = opaque(malloc(MIB));
		memset(blocks[i], 1, MIB);
	}
	for (size_t i = 0; i < 100; i++)
		free(blocks[i]);
	/* Hardened mode keeps little and never wants one. */
	if (!hardened_is_on() && !helper_is_impossible())
		_exit(2);
	if (purge_kept_bytes() > 64 * MIB)
		_exit(3);
}

/* What else is called is refused: also making a thread. */
static void goes_on_where_no_helper_may_be_made(void **state)
{
	(void)state;
	child_succeeds(allocate_where_much_is_refused, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stays_within_its_system_calls),
	    cmocka_unit_test(so_it_does_with_assistance),
	    cmocka_unit_test(goes_on_where_no_helper_may_be_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
