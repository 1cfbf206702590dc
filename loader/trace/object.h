/* SPDX-License-Identifier: MIT */
/* Which of the two builds of the BPF programs fits this kernel (bpf/kernel_features.h), opened and not loaded yet. */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>

struct trace; /* the skeleton of either */

/* Is it the build for kernels before 5.17? */
bool object_is_old(void);

/* NULL with errno set. */
struct trace *object_open(void);

#endif
