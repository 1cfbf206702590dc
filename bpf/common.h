/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/* What every BPF file here needs: kernel types, helpers, and the constants that a kernel's BTF does not carry. */
#ifndef HAKMEM_BPF_COMMON_H
#define HAKMEM_BPF_COMMON_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "kernel_features.h"
#include "types.h"

/* Seen only as pointers. */
struct alloc_context;
struct linux_binprm;
struct page;

#define PAGE_SHIFT               12
#define PAGE_SIZE                (1UL << PAGE_SHIFT)
#define PAGE_ALIGN(address)      (((address) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define PAGE_ALIGN_DOWN(address) ((address) & ~(PAGE_SIZE - 1))
#define GIB_SHIFT                30

/* include/linux/mm.h */
#define VM_WRITE     0x2
#define VM_EXEC      0x4
#define VM_SHARED    0x8
#define VM_GROWSDOWN 0x100
#define VM_PFNMAP    0x400

/* include/uapi/asm-generic/mman*.h */
#define PROT_WRITE       0x2
#define PROT_EXEC        0x4
#define MAP_SHARED       0x01
#define MAP_FIXED        0x10
#define MAP_ANONYMOUS    0x20
#define MAP_DENYWRITE    0x800
#define MAP_STACK        0x20000
#define MAP_HUGETLB      0x40000
#define MREMAP_MAYMOVE   1
#define MREMAP_FIXED     2
#define MREMAP_DONTUNMAP 4

#define CLONE_SETTLS 0x80000

/* An error code's bit of faults in user mode (arch/x86/include/asm/trap_pf.h); the others are FAULT_*. */
#define FAULT_BY_USER 0x04

/* include/linux/sched.h */
#define PF_DUMPCORE 0x200

/* include/linux/gfp_types.h: the same from 5.10 to 7.3; were they not, calibration would find no zeroed page. */
#define GFP_HIGHMEM        0x02
#define GFP_ZERO           0x100
#define GFP_DIRECT_RECLAIM 0x400
#define GFP_ACCOUNT        0x400000

/*
 * Set by the loader before load, so that the verifier removes what does not apply. In a section of their own: among the
 * compiler's constants their places differ between this build and the one for old kernels, and the loader knows one.
 */
#define SETTING(type, name) const volatile type name SEC(".rodata.settings") = 0

SETTING(bool, init_on_alloc);   /* every allocation is zeroed, also without __GFP_ZERO */
SETTING(bool, swap_in_use);     /* the machine can swap */
SETTING(bool, swap_hooked);     /* a hook sees each page that is read back */
SETTING(bool, presence_hooked); /* that a page was there, a hook of its own tells */
SETTING(bool, presence_known);  /* whether a page was there, is known of each fault */
SETTING(bool, allocations_hooked);
SETTING(bool, sweeps); /* faults' begins and allocations are told by tracepoints' programs that are never skipped */
SETTING(bool, huge_hooked);    /* a hook sees the clearing of huge folios itself */
SETTING(bool, selecting);      /* running processes are attached to */
SETTING(bool, hooks_miss);     /* what has begun may not have been seen: preempted programs, attaching */
SETTING(bool, samples_wanted); /* of zeroed pages, to see which were never used */
SETTING(__u32, stacks_wanted); /* enum */
SETTING(__u32, stack_pages_most);
SETTING(bool, kernel_stacks);
SETTING(bool, told_twice);   /* two programs tell of each allocation: lifecycle.h says why */
SETTING(bool, sites_wanted); /* of allocations */

#define add(field, amount) __sync_fetch_and_add(&(field), (amount))

#define SAMPLES_KEPT (SAMPLES_POSSIBLE && samples_wanted)

#endif
