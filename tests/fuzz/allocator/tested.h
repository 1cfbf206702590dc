/* SPDX-License-Identifier: MIT */
/*
 * libhakmem under other names, as the fuzzer calls it: every name of the library begins with tested_, so that
 * libFuzzer's and a sanitizer's own malloc stand beside it (the Makefile's renamed archive). Its mmap, mremap and
 * madvise are the fuzzer's, which can make them fail.
 */
#ifndef HAKMEM_FUZZ_TESTED_H
#define HAKMEM_FUZZ_TESTED_H

#include <stddef.h>
#include <sys/types.h>

#include "hakmem.h"

void *tested_malloc(size_t size);
void *tested_calloc(size_t count, size_t size);
void *tested_realloc(void *pointer, size_t size);
void *tested_reallocarray(void *pointer, size_t count, size_t size);
int tested_posix_memalign(void **result, size_t alignment, size_t size);
void *tested_memalign(size_t alignment, size_t size);
void *tested_aligned_alloc(size_t alignment, size_t size);
void *tested_valloc(size_t size);
void *tested_pvalloc(size_t size);
void tested_free(void *pointer);
void tested_free_sized(void *pointer, size_t size);
void tested_free_aligned_sized(void *pointer, size_t alignment, size_t size);
void tested_cfree(void *pointer);
size_t tested_malloc_usable_size(void *pointer);
void *tested_mallocx(size_t size, int flags);
void *tested_rallocx(void *pointer, size_t size, int flags);
size_t tested_xallocx(void *pointer, size_t size, size_t extra, int flags);
size_t tested_sallocx(const void *pointer, int flags);
void tested_dallocx(void *pointer, int flags);
void tested_sdallocx(void *pointer, size_t size, int flags);
int tested_malloc_trim(size_t pad);
void tested_hakmem_get_statistics(struct hakmem_statistics *statistics, size_t size);

/* What the library calls instead of libc's. */
void *faulty_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset);
void *faulty_mremap(void *address, size_t old_size, size_t new_size, int flags, ...);
int faulty_madvise(void *address, size_t size, int advice);
int faulty_mprotect(void *address, size_t size, int protection);

/* The next calls succeed `after` times, then fail `count` times. */
void faults_begin(unsigned int after, unsigned int count);
void faults_end(void);
/* Calls that were made to fail so far. */
unsigned long faults_seen(void);

#endif
