/* SPDX-License-Identifier: MIT */
/*
 * How the program ends when it misuses the allocator: one clear line that says what and where, then abort.
 */
#ifndef HAKMEM_MISUSE_H
#define HAKMEM_MISUSE_H

#include "common.h"

/* "hakmem: CALL(): invalid pointer 0x...": nothing of ours, an interior pointer, or a block that is not allocated. */
_Noreturn void misuse_invalid_pointer(const char *call, const void *pointer);
/* "hakmem: CALL(): double free of 0x..." */
_Noreturn void misuse_double_free(const char *call, const void *pointer);
/* "hakmem: WHAT" for a state from which there is no way on. */
_Noreturn void misuse_fatal(const char *what);

#endif
