/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* Who gave memory back: a small number for each call, caller and owner of the memory. */
#ifndef HAKMEM_BPF_PURGER_H
#define HAKMEM_BPF_PURGER_H

#include "account.h"

/* By number; [0] is never used. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PURGERS);
	__type(key, __u32);
	__type(value, struct purger);
} purgers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PURGERS);
	__type(key, struct purger);
	__type(value, __u32);
} purger_numbers SEC(".maps");

__u32 next_purger = 0;

__noinline __u32 purger_number(__u32 call, __u32 caller, __u32 owner)
{
	struct purger purger = {.call = call, .caller = caller, .owner = owner};
	__u32 *known = bpf_map_lookup_elem(&purger_numbers, &purger);
	__u32 number;

	if (known)
		return *known;
	if (next_purger >= PURGER_OTHERS - 1)
		return PURGER_OTHERS;
	number = fetch_add(&next_purger, 1) + 1;
	if (number >= PURGER_OTHERS)
		return PURGER_OTHERS;
	bpf_map_update_elem(&purgers, &number, &purger, BPF_ANY);
	bpf_map_update_elem(&purger_numbers, &purger, &number, BPF_NOEXIST);
	return number;
}

#endif
