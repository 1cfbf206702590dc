// SPDX-License-Identifier: MIT
/* After start-up, without the helper, only mmap, munmap, mremap, madvise, mprotect and futex are called: the kernel
 * kills whoever calls else. */
#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "options.h"

#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void enter_sandbox(void)
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
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(77);
}

static void allocate_everything(void *argument)
{
	char *environment[] = {"HAKMEM_HELPER=0", NULL};
	static void *blocks[3000];

	(void)argument;
	options_read(environment, false);
	enter_sandbox();
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 3000; i++)
			blocks[i] = opaque(calloc(1, i * 7 + (i % 100 == 0 ? i * 1000 : 0)));
		for (size_t i = 0; i < 3000; i++)
			blocks[i] = opaque(realloc(blocks[i], i * 9 + (i % 100 == 0 ? i * 2000 : 0) + 1));
		for (size_t i = 0; i < 3000; i++)
			free(blocks[i]);
		malloc_trim(0);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stays_within_its_system_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
