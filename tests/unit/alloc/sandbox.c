// SPDX-License-Identifier: MIT
/* After start-up, without the helper, only mmap, munmap, mremap, madvise, mprotect and futex are called: the kernel
 * kills whoever calls else. Where it refuses instead, or refuses some of these, too, the program goes on. */
#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "assist.h"
#include "hardened.h"
#include "helper.h"
#include "options.h"
#include "purge.h"

#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void enter_sandbox(uint32_t otherwise)
{
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    ALLOW(mmap),
	    ALLOW(munmap),
	    ALLOW(mremap),
	    ALLOW(madvise),
	    ALLOW(mprotect),
	    ALLOW(futex),
	    ALLOW(exit_group),
	    BPF_STMT(BPF_RET | BPF_K, otherwise),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(77);
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

static void allocate_everything(void *argument)
{
	char *environment[] = {"HAKMEM_HELPER=0", NULL};

	(void)argument;
	options_read(environment, false);
	enter_sandbox(SECCOMP_RET_KILL_PROCESS);
	use_everything();
}

static void stays_within_its_system_calls(void **state)
{
	char text[256];
	int status = run_in_child(allocate_everything, NULL, text, sizeof(text));

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void allocate_everything_assisted(void *argument)
{
	char *environment[] = {"HAKMEM_HELPER=0", "HAKMEM_ASSIST=auto", NULL};

	(void)argument;
	options_read(environment, false);
	assist_start();
	enter_sandbox(SECCOMP_RET_KILL_PROCESS);
	use_everything();
}

static void so_it_does_with_assistance(void **state)
{
	char text[256];
	int status = run_in_child(allocate_everything_assisted, NULL, text, sizeof(text));

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
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
	char text[256];
	int status = run_in_child(allocate_where_much_is_refused, NULL, text, sizeof(text));

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
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
