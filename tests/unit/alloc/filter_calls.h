/* SPDX-License-Identifier: MIT */
/*
 * System calls that the kernel answers otherwise, from now on in this process: for what libhakmem does then.
 */
#ifndef HAKMEM_FILTER_CALLS_H
#define HAKMEM_FILTER_CALLS_H

#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* These calls get one answer (SECCOMP_RET_), all others another. Where there are no filters the child ends with
 * CHILD_SKIPS. */
static inline void filter_calls(const int *calls, size_t count, uint32_t answer, uint32_t otherwise)
{
	struct sock_filter filter[64] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {(unsigned short)(2 * count + 2), filter};

	assert_true(program.len <= sizeof(filter) / sizeof(filter[0]));
	for (size_t i = 0; i < count; i++) {
		filter[2 * i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
		filter[2 * i + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
	}
	filter[2 * count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(CHILD_SKIPS);
}

#endif
