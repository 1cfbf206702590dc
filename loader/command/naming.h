/* SPDX-License-Identifier: MIT */
/* How far the naming of stacks is: a line on stderr, where that is a terminal, once it takes over a second. */
#ifndef NAMING_H
#define NAMING_H

#include <stddef.h>

/* For stack_wish.progress. */
void naming_progress(size_t done, size_t all);

#endif
