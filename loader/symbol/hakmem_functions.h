/* SPDX-License-Identifier: MIT */
/* libhakmem's own functions, to tell them apart in a program that is linked with it. The list is made by the build. */
#ifndef HAKMEM_FUNCTIONS_H
#define HAKMEM_FUNCTIONS_H

#include <stdbool.h>

#include "symbol/elf_symbols.h"

/* Is this, in a program that has libhakmem in it, one of its functions? A local one must be from its sources, too. */
bool hakmem_has_function(const struct elf_function *function);

/* Made by the build: pairs of source file and function, NULL at the end. */
extern const char *const hakmem_functions[][2];

#endif
