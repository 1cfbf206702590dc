// SPDX-License-Identifier: (MIT OR GPL-2.0)
/* Reads the USDT probes of libhakmem and hakmem_mark.h, as any other tool would (probes.c). */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#include "probes.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} seen SEC(".maps");

unsigned long lost; /* is nearly exact */

static __always_inline int tell(__u32 what, long a, long b, long c, long d)
{
	struct seen *record = bpf_ringbuf_reserve(&seen, sizeof(*record), 0);

	if (!record) {
		lost++;
		return 0;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->what = what;
	record->argument[0] = a;
	record->argument[1] = b;
	record->argument[2] = c;
	record->argument[3] = d;
	if (what == SEEN_MARK)
		bpf_probe_read_user_str(record->name, sizeof(record->name), (void *)a);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("usdt")
int BPF_USDT(range_add, long base, long length, long kind, long size)
{
	return tell(SEEN_ADD, base, length, kind, size);
}

SEC("usdt")
int BPF_USDT(range_del, long base, long length, long kind, long size)
{
	return tell(SEEN_DEL, base, length, kind, size);
}

SEC("usdt")
int BPF_USDT(fresh, long address, long size)
{
	return tell(SEEN_FRESH, address, size, 0, 0);
}

SEC("usdt")
int BPF_USDT(reused, long address, long size)
{
	return tell(SEEN_REUSED, address, size, 0, 0);
}

SEC("usdt")
int BPF_USDT(mark, long name)
{
	return tell(SEEN_MARK, name, 0, 0, 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
