/* SPDX-License-Identifier: MIT */
/* What the kernel was doing, told from a call stack's function names. */
#ifndef KERNEL_CLASSES_H
#define KERNEL_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/breakdown.h"

#define KERNEL_DETAIL 64

/*
 * frames: names, the innermost first. The class is that of the first frame, from there outwards, that the table knows;
 * TIME_KERNEL_OTHER when there is none. detail: the function whose own code it was, or the system call where a call as
 * a whole has the class.
 */
enum time_class kernel_class(const char *const *frames, size_t count, char detail[KERNEL_DETAIL]);

/* Is this a function that does nothing but clear whole pages? Where a kernel has none, zeroing can't be told. */
bool kernel_function_zeroes(const char *name);

#endif
