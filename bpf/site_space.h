/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Address spaces, for the loader, which keeps who asked for memory of each: a child begins with what its parent knows,
 * and of one that has ended nothing is asked any more.
 */
#ifndef HAKMEM_BPF_SITE_SPACE_H
#define HAKMEM_BPF_SITE_SPACE_H

#include "stacks.h"

/* On its own, so that the verifier walks it once a program. */
__noinline int site_space_told(__u32 space, __u32 copied)
{
	struct stack_space *told = bpf_ringbuf_reserve(&stack_ring, sizeof(*told), 0);

	if (!told) {
		__sync_fetch_and_add(&stacks_lost, 1);
		return 0;
	}
	__builtin_memset(told, 0, sizeof(*told));
	told->head.kind = STACK_SPACE;
	told->head.space = space;
	told->copied = copied;
	bpf_ringbuf_submit(told, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline void site_space_tell(__u32 space, __u32 copied)
{
	if (sites_wanted)
		site_space_told(space, copied);
}

#endif
