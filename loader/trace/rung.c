// SPDX-License-Identifier: MIT
/* The table of rungs. */
#include "trace/rung.h"

#include <string.h>

static const char *const full_cannot[] = {
    "zeroing time includes the free list's work around the clearing, so it is an upper bound",
    "a second clearing of the same shared-memory page is not seen",
    NULL,
};

static const char *const tracepoint_cannot[] = {
    "faults populated without an exception are attributed to their system call's range, not to each page",
    "huge folios count as zeroed once when user memory gets them: the clearing itself is not seen",
    "zeroing time runs from the fault's begin or its previous page, so it is an upper bound; populated pages have none",
    "hugetlb zeroing is not seen",
    NULL,
};

const struct rung rungs[] = {
    {
        .name = "full",
        .prefix = "full_",
        .hooks_huge_folios = true,
        .fault = "fentry:handle_mm_fault",
        .fault_method = "exact",
        .fault_time = "fentry of handle_mm_fault to PERF_COUNT_SW_PAGE_FAULTS",
        .fault_time_method = "exact, without exception entry and exit",
        .zero = "fexit:get_page_from_freelist and folio_zero_user or clear_huge_page",
        .zero_method = "exact but for shared memory",
        .zero_time = "fentry to fexit of get_page_from_freelist and the clearing of huge folios",
        .zero_time_method = "upper bound",
        .needs = "a kernel with BTF and fentry (5.17 on) that is not locked down, CAP_BPF and CAP_PERFMON",
        .cannot = full_cannot,
    },
    {
        .name = "tracepoint",
        .prefix = "tracepoint_",
        .fault = "tp_btf:page_fault_user, page_fault_kernel",
        .fault_method = "exact",
        .fault_time = "page_fault tracepoint to PERF_COUNT_SW_PAGE_FAULTS",
        .fault_time_method = "exact, without exception entry and exit",
        .zero = "tp_btf:mm_page_alloc",
        .zero_method = "exact for single pages, estimate for huge folios",
        .zero_time = "fault begin to mm_page_alloc",
        .zero_time_method = "upper bound",
        .needs = "a kernel with BTF (5.17 on), CAP_BPF and CAP_PERFMON",
        .cannot = tracepoint_cannot,
    },
};

const size_t rung_count = sizeof(rungs) / sizeof(rungs[0]);

const struct rung *rung_find(const char *name)
{
	for (size_t i = 0; i < rung_count; i++)
		if (!strcmp(rungs[i].name, name))
			return &rungs[i];
	return NULL;
}
