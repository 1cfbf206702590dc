/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What a kernel offers to BPF programs. The sources are built twice: once for kernels from 5.17 on, and with OLD_KERNEL
 * for 5.10 to 5.16, which lack
 *   - bpf_loop and bpf_find_vma (5.17): loops are bounded, only lists and VMAs at hand are looked at, and the history
 *     of pages, from which causes follow, is not kept;
 *   - pointers in the arguments of global functions, and atomic operations that return a value (5.12): where two
 *     processors do the same at the same moment, one of them may be overwritten;
 *   - a typed pointer to the current task in tracing programs (5.11): its fields are read by a helper.
 */
#ifndef HAKMEM_BPF_KERNEL_FEATURES_H
#define HAKMEM_BPF_KERNEL_FEATURES_H

#ifdef OLD_KERNEL

/* A field of a kernel object, by its path: kernel_read(task, se.sum_exec_runtime). */
#define kernel_read(object, path) BPF_CORE_READ(object, path)
#define current_task()            ((struct task_struct *)bpf_get_current_task())

/* Whether the task must not fault now. Reading by helper disables faults itself, and finds that counted. */
#define faults_disabled(task) (kernel_read(task, pagefault_disabled) > 1)

/* A function that the verifier walks once a program where it can. */
#define SHARED_FUNCTION static __noinline

#define fetch_add(pointer, amount)                                                                                     \
	({                                                                                                             \
		volatile typeof(*(pointer)) *p_ = (pointer);                                                           \
		typeof(*(pointer)) before_ = *p_;                                                                      \
		*p_ = before_ + (amount);                                                                              \
		before_;                                                                                               \
	})
#define set_bits(pointer, bits) (*(volatile typeof(*(pointer)) *)(pointer) |= (bits))
#define exchange(pointer, value)                                                                                       \
	({                                                                                                             \
		volatile typeof(*(pointer)) *p_ = (pointer);                                                           \
		typeof(*(pointer)) before_ = *p_;                                                                      \
		*p_ = (value);                                                                                         \
		before_;                                                                                               \
	})
#define compare_exchange(pointer, expected, value)                                                                     \
	({                                                                                                             \
		volatile typeof(*(pointer)) *p_ = (pointer);                                                           \
		typeof(*(pointer)) before_ = *p_;                                                                      \
		if (before_ == (expected))                                                                             \
			*p_ = (value);                                                                                 \
		before_;                                                                                               \
	})

/* Programs of perf events may only use maps that are allocated beforehand. */
#define MAP_ON_DEMAND 0

/* What has happened to each page (history.h) takes loops within loops. */
#define HISTORY_KEPT     false
#define SAMPLES_POSSIBLE false
#define HISTORY_FUNCTION static __always_inline

/* Nodes of one list that are visited at most: 1 GiB of chunks. */
#define WALK_MOST 128

/* function(index, context) up to `times` times, of which `most` is a bound, until it returns other than 0. */
#define repeat(times, most, function, context)                                                                         \
	do {                                                                                                           \
		__u32 times_ = (times);                                                                                \
		for (__u32 i_ = 0; i_ < (most) && i_ < times_; i_++)                                                   \
			if (function(i_, (context)))                                                                   \
				break;                                                                                 \
	} while (0)
#define REPEATED static __always_inline

#define changes_from(value) (value)
/* Of what differs between turns the verifier knows the value, and walks all that follows once for each: it may not. */
#define not_known(value) ((value) + unknown_zero)

#else

#define kernel_read(object, path) ((object)->path)
#define current_task()            bpf_get_current_task_btf()
#define faults_disabled(task)     kernel_read(task, pagefault_disabled)
#define SHARED_FUNCTION           __noinline
#define MAP_ON_DEMAND             BPF_F_NO_PREALLOC
#define HISTORY_KEPT              true
#define SAMPLES_POSSIBLE          true
#define HISTORY_FUNCTION          __noinline

#define fetch_add(pointer, amount)                 __sync_fetch_and_add(pointer, amount)
#define set_bits(pointer, bits)                    ((void)__sync_fetch_and_or(pointer, bits))
#define exchange(pointer, value)                   __sync_lock_test_and_set(pointer, value)
#define compare_exchange(pointer, expected, value) __sync_val_compare_and_swap(pointer, expected, value)

#define WALK_MOST                              (1 << 23) /* bpf_loop's own bound: every list ends before */
#define repeat(times, most, function, context) bpf_loop(times, function, context, 0)
#define REPEATED                               static

#define changes_from(value) ((value) + unknown_zero)
#define not_known(value)    (value)

#endif

/*
 * changes_from(): the first value of what a repeated function both reads and changes. Before 6.7 the verifier walks the
 * function only once, and removes what can't be reached with the values that it knows then (ab5cfac139ab, "bpf: verify
 * callbacks as if they are called unknown number of times"). So it may not know this one.
 */
volatile __u32 unknown_zero = 0;

#endif
