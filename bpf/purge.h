/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * System calls that give memory back, or that change what a page's next fault means. They are entered as the call
 * begins: a page that another thread touches after the kernel dropped it must not be older than the call. A call that
 * fails has dropped nothing, so no page of it faults for that reason.
 */
#ifndef HAKMEM_BPF_PURGE_H
#define HAKMEM_BPF_PURGE_H

#include "task.h"
#include "waste.h"

/* include/uapi/asm-generic/mman-common.h */
#define MADV_DONTNEED        4
#define MADV_FREE            8
#define MADV_REMOVE          9
#define MADV_DONTNEED_LOCKED 24
#define MADV_GUARD_INSTALL   102

static __always_inline bool gives_back(__u32 advice)
{
	return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE ||
	       advice == MADV_DONTNEED_LOCKED || advice == MADV_GUARD_INSTALL;
}

__noinline int purge_range(__u32 space, __u64 start, __u64 length, __u32 call, __u32 caller)
{
	bool unmaps = call == PURGE_MUNMAP || call == PURGE_MMAP || call == PURGE_MREMAP || call == PURGE_BRK;

	if (!space || !length || start & (PAGE_SIZE - 1) || start + length < start)
		return 0;
	return history_change(
	    space, start, start + length, unmaps ? HISTORY_UNMAP : HISTORY_PURGE, CALLED_BY(call, caller));
}

#define PURGE_VECTORS 16 /* of a process_madvise call; the rest is not seen */

/* Only a process's own memory can be given back (mm/madvise.c, process_madvise_remote_valid()). */
__noinline int purge_vectors(void)
{
	struct task_state *state = task_known();

	if (!state)
		return 0;
	for (__u32 i = 0; i < PURGE_VECTORS && i < state->argument[2]; i++) {
		struct {
			__u64 base;
			__u64 length;
		} vector = {};

		if (bpf_probe_read_user(&vector, sizeof(vector), (void *)(state->argument[1] + i * sizeof(vector))))
			break;
		purge_range(state->space, vector.base, vector.length, PURGE_MADVISE, state->caller);
		waste_range(state->space, vector.base, vector.length);
	}
	return 0;
}

/* Before the call; state->caller is set. */
__noinline int purge_begin(void)
{
	struct task_state *state = task_known();

	if (!state)
		return 0;
	switch (state->call) {
	case CALL_MUNMAP:
		return purge_range(state->space, state->argument[0], state->argument[1], PURGE_MUNMAP, state->caller);
	case CALL_MADVISE:
		return purge_range(state->space, state->argument[0], state->argument[1], PURGE_MADVISE, state->caller);
	case CALL_MPROTECT:
	case CALL_PKEY_MPROTECT:
		if (!(state->argument[2] & PROT_WRITE))
			history_change(state->space, state->argument[0], state->argument[0] + state->argument[1],
			    HISTORY_PROTECT, 0);
		break;
	}
	return 0;
}

#endif
