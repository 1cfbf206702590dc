/* SPDX-License-Identifier: MIT */
/* The symbols that distributions leave in stripped files: a small ELF file, packed with xz, in .gnu_debugdata. */
#ifndef MINI_DEBUG_H
#define MINI_DEBUG_H

#include <stdbool.h>

#include "symbol/elf_image.h"

/* False: there is none, it is damaged, larger than any known, or memory is out. */
bool mini_debug_open(Elf *elf, struct elf_image *file);

#endif
