/* SPDX-License-Identifier: MIT */
/* All functions of a file: of its symbol table, or where it is stripped of its debug file's or .gnu_debugdata's. */
#ifndef FILE_FUNCTIONS_H
#define FILE_FUNCTIONS_H

#include <stdbool.h>

#include "symbol/elf_image.h"
#include "symbol/function_table.h"

/*
 * debug: its debug file, or an empty image. mini: takes what .gnu_debugdata has, for names are in it. complete: are the
 * local functions there, too, or only exported ones? False: memory is out; the table is to be cleared all the same.
 */
bool file_functions(const struct elf_image *image, const struct elf_image *debug, struct elf_image *mini,
    struct function_table *functions, bool *complete);

#endif
