// SPDX-License-Identifier: MIT
/* The table of rungs. */
#include "trace/rung.h"

#include <stdio.h>
#include <string.h>

#include "trace/breakpoints.h"
#include "machine/kernel.h"
#include "machine/perf_ring.h"
#include "trace/probe.h"

const struct rung rungs[] = {
    {
        .name = "exact",
        .dear = true,
        .hooks_huge_folios = true,
        .probe = probe_kprobe,
        .needs = "a kernel with BTF (5.10 on) and CONFIG_KPROBE_EVENTS that is not locked down, addresses in "
                 "/proc/kallsyms (sysctl kernel.kptr_restrict below 2, CAP_SYSLOG), CAP_BPF and CAP_PERFMON",
        .provides =
            {
                [SUBJECT_ZERO] = {"kprobes where the kernel clears pages", METHOD_EXACT, NULL, {}},
                [SUBJECT_ZERO_TIME] = {"kprobes before and behind each clearing", METHOD_UPPER_BOUND, NULL,
                    {"zeroing time includes the probes' own, about as long as clearing one page takes"}},
            },
    },
    {
        .name = "full",
        .sees_populated = true,
        .hooks_huge_folios = true,
        .probe = probe_fentry,
        .needs = "a kernel with BTF and fentry (5.10 on) that is not locked down, CAP_BPF and CAP_PERFMON",
        .provides =
            {
                [SUBJECT_FAULT] = {"fentry:handle_mm_fault", METHOD_EXACT, NULL, {}},
                [SUBJECT_FAULT_TIME] = {"fentry of handle_mm_fault to PERF_COUNT_SW_PAGE_FAULTS", METHOD_EXACT_BUT,
                    "without exception entry and exit", {}},
                [SUBJECT_ZERO] = {"fexit:get_page_from_freelist and folio_zero_user or clear_huge_page",
                    METHOD_EXACT_BUT, "for shared memory",
                    {"shared memory's own clearing is not seen: with init_on_alloc it is a second one, without it each "
                     "new page of shared memory and of files in memory (memfd, tmpfs) counts as cleared"}},
                [SUBJECT_ZERO_TIME] = {"fentry to fexit of get_page_from_freelist and the clearing of huge folios",
                    METHOD_UPPER_BOUND, NULL,
                    {"zeroing time includes the free list's work around the clearing, so it is an upper bound"}},
            },
    },
    {
        .name = "breakpoint",
        .dear = true,
        .hooks_huge_folios = true,
        .probe = breakpoints_probe,
        .needs = "a kernel up to 6.19 with BTF (5.10 on) and CONFIG_HAVE_HW_BREAKPOINT, a processor (or hypervisor) "
                 "with debug registers, addresses in /proc/kallsyms, CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN",
        .provides =
            {
                [SUBJECT_ZERO] = {"hardware breakpoints on the clearing of pages", METHOD_EXACT, NULL, {}},
                [SUBJECT_ZERO_TIME] = {"hardware breakpoints before and behind each clearing", METHOD_UPPER_BOUND, NULL,
                    {"zeroing time includes the breakpoints' own, longer than clearing one page takes"}},
            },
    },
    {
        .name = "kprobe",
        .sees_populated = true,
        .hooks_huge_folios = true,
        .probe = probe_kprobe,
        .needs = "a kernel with BTF (5.10 on) and CONFIG_KPROBE_EVENTS that is not locked down, CAP_BPF and "
                 "CAP_PERFMON",
        .provides =
            {
                [SUBJECT_FAULT] = {"kprobe:handle_mm_fault", METHOD_EXACT, NULL, {}},
                [SUBJECT_FAULT_TIME] = {"kprobe to kretprobe of handle_mm_fault", METHOD_EXACT_BUT,
                    "without exception entry and exit", {"fault time includes the probes' own"}},
                [SUBJECT_ZERO] = {"kretprobe:get_page_from_freelist and folio_zero_user or clear_huge_page",
                    METHOD_EXACT_BUT, "for shared memory",
                    {"shared memory's own clearing is not seen: with init_on_alloc it is a second one, without it each "
                     "new page of shared memory and of files in memory (memfd, tmpfs) counts as cleared"}},
                [SUBJECT_ZERO_TIME] = {"kprobe to kretprobe of get_page_from_freelist and the clearing of huge folios",
                    METHOD_UPPER_BOUND, NULL,
                    {"zeroing time includes the free list's work and the probes' own, so it is an upper bound"}},
            },
    },
    {
        .name = "tracepoint",
        .skipped_from = TRACEPOINTS_PREEMPTED,
        .misses_hugetlb = true,
        .needs = "a kernel with BTF (5.10 on), CAP_BPF and CAP_PERFMON",
        .provides =
            {
                [SUBJECT_FAULT] = {"tracepoint:page_fault_user, page_fault_kernel", METHOD_EXACT, NULL,
                    {"faults populated without an exception are attributed to their system call's range, not to "
                     "each page"}},
                [SUBJECT_FAULT_TIME] = {"page_fault tracepoint to PERF_COUNT_SW_PAGE_FAULTS", METHOD_EXACT_BUT,
                    "without exception entry and exit", {}},
                [SUBJECT_ZERO] = {"raw_tp:mm_page_alloc", METHOD_ESTIMATE, "for huge folios, exact for single pages",
                    {"huge folios count as zeroed once when user memory gets them: the clearing itself is not seen",
                        "hugetlb zeroing is not seen",
                        "shared memory's own clearing is not seen: with init_on_alloc it is a second one, without it "
                        "each new page of shared memory and of files in memory (memfd, tmpfs) counts as cleared"}},
                [SUBJECT_ZERO_TIME] = {"fault begin to mm_page_alloc", METHOD_UPPER_BOUND, NULL,
                    {"zeroing time runs from the fault's begin or its previous page, and of huge folios until the "
                     "fault's end, so it is an upper bound; populated pages have none"}},
            },
    },
    {
        .name = "perf",
        .without_bpf = true,
        .misses_populated = true,
        .probe = perf_ring_probe,
        .needs = "any kernel that lets perf_event_open() count this task's page faults",
        .provides =
            {
                [SUBJECT_FAULT] = {"perf_event:page-faults", METHOD_EXACT_BUT, "for populated pages",
                    {"pages populated without an exception are not counted",
                        "faults of mappings that were moved "
                        "(mremap), and thread stacks, libhakmem's ranges and TLS, are anon",
                        "what the kernel charged can't be compared"}},
            },
    },
};

const size_t rung_count = sizeof(rungs) / sizeof(rungs[0]);
_Static_assert(sizeof(rungs) / sizeof(rungs[0]) <= RUNGS_MOST, "RUNGS_MOST is too few");

const struct rung *rung_find(const char *name)
{
	for (size_t i = 0; i < rung_count; i++)
		if (!strcmp(rungs[i].name, name))
			return &rungs[i];
	return NULL;
}

bool rung_has_program(const struct rung *rung, enum subject subject, const char *program)
{
	char prefix[32];
	int length =
	    snprintf(prefix, sizeof(prefix), "%s_%s_", rung->name, subject == SUBJECT_FAULT ? "fault" : "zero");

	return !strncmp(program, prefix, length);
}
