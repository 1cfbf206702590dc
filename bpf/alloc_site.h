/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Who asked for memory: libhakmem's probes hakmem:fresh and hakmem:reused (docs/allocator.md) are hit before a block is
 * handed out that may lie in pages which nobody has touched. The loader keeps the latest of each range, and when a
 * fault's stack comes with its address it knows whose call handed out that page.
 *
 * Each tells the call. The whole stack above it is taken of some only, as room is: one of `site_stride` at random, and
 * of all when that is 1. That a call is told and its stack isn't, leaves out nothing.
 */
#ifndef HAKMEM_BPF_ALLOC_SITE_H
#define HAKMEM_BPF_ALLOC_SITE_H

#include <bpf/usdt.bpf.h>

#include "task.h"

volatile __u32 site_stride = 1;  /* the loader's to set */
volatile __u32 site_doubles = 1; /* it does after so many stacks; 0: never */
__u32 sites_taken = 0;           /* stacks since the loader's last look */
__u64 sites_told = 0;
__u64 sites_reused = 0; /* of them */

#define SITE_DOUBLINGS 16

static __always_inline bool site_drawn(void)
{
	__u32 doublings = site_doubles ? sites_taken / site_doubles : 0;
	__u32 stride = site_stride << (doublings > SITE_DOUBLINGS ? SITE_DOUBLINGS : doublings);

	return stride <= 1 || !(bpf_get_prandom_u32() % stride);
}

static __always_inline void site_frames(struct stack_site *site)
{
	__u64 pointer = user_register(STACK_REGISTER_BP);

	site->frame[0] = user_register(STACK_REGISTER_IP);
	site->count = 1;
	for (int i = 1; i < SITE_FRAMES; i++) {
		__u64 frame[2];

		if (bpf_probe_read_user(frame, sizeof(frame), (void *)pointer) || frame[1] < USER_FRAME_LEAST)
			break;
		site->frame[i] = frame[1];
		site->count = i + 1;
		if (frame[0] <= pointer)
			break;
		pointer = frame[0];
	}
}

static __always_inline int site_tell(__u64 address, __u64 size, bool reused)
{
	struct task_state *state = task_traced();
	__u64 now = bpf_ktime_get_ns();
	struct stack_site *site;
	__u32 sequence = 0;

	if (!sites_wanted || !state || !stacks_kept() || stopping)
		return 0;
	/* The fault before it is over, and its stack is not to be taken for this one. */
	settle(current_task(), state, 0);
	if (site_drawn()) {
		__sync_fetch_and_add(&sites_taken, 1);
		if (stack_take())
			sequence = state->stack_sequence;
	}
	site = bpf_ringbuf_reserve(&stack_ring, sizeof(*site), 0);
	if (!site) {
		__sync_fetch_and_add(&stacks_lost, 1);
		return 0;
	}
	stack_head(&site->head, STACK_SITE, state, now);
	site->head.sequence = sequence;
	site->start = address;
	site->end = address + size;
	site_frames(site);
	bpf_ringbuf_submit(site, stack_wake(now));
	__sync_fetch_and_add(&sites_told, 1);
	if (reused)
		__sync_fetch_and_add(&sites_reused, 1);
	__sync_fetch_and_add(&stack_ns, bpf_ktime_get_ns() - now);
	return 0;
}

SEC("usdt")
int BPF_USDT(site_fresh, long address, long size)
{
	return site_tell(address, size, false);
}

SEC("usdt")
int BPF_USDT(site_reused, long address, long size)
{
	return site_tell(address, size, true);
}

#endif
