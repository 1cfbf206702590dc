/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* A function that the user named begins: so does the phase that has its name. */
#ifndef HAKMEM_BPF_MARK_H
#define HAKMEM_BPF_MARK_H

#include "task.h"

/* Attached by the loader to each such function; the cookie is the number of its phase. */
SEC("uprobe")
int function_mark(struct pt_regs *context)
{
	struct task_state *state = task_traced();

	if (!state)
		return 0;
	settle(current_task(), state, 0); /* what was charged before belongs to the phase before */
	phase_enter(state, bpf_get_attach_cookie(context));
	return 0;
}

#endif
