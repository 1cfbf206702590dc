// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * Copies a stretch of kernel memory to where the loader can read it: kernel text, in which it looks for the places that
 * clear pages. Run by the loader itself (BPF_PROG_TEST_RUN), attached to nothing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "text.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct text_copy);
} copied SEC(".maps");

__u64 from = 0;
__u32 pages_copied = 0;

SEC("raw_tp")
int copy_text(void *context)
{
	__u32 zero = 0, i;
	struct text_copy *copy = bpf_map_lookup_elem(&copied, &zero);

	pages_copied = 0;
	if (!copy)
		return 0;
	for (i = 0; i < TEXT_PAGES; i++) {
		if (bpf_probe_read_kernel(copy->page[i], TEXT_PAGE, (void *)(from + (__u64)i * TEXT_PAGE)))
			break;
		pages_copied = i + 1;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
