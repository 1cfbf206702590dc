/* SPDX-License-Identifier: MIT */
/*
 * The separate file with the debugging symbols of a stripped one, where this machine has it. Never asks the network:
 * what a debuginfod server has is not looked for.
 */
#ifndef DEBUG_FILE_H
#define DEBUG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "symbol/elf_image.h"

/* To look in this folder, too, and first. The string is kept. NULL: no more. */
void debug_file_folder(const char *folder);

/* FOLDER/.build-id/12/3456.debug, which must have that build-id itself. */
bool debug_file_by_build_id(const unsigned char *id, size_t size, struct elf_image *file);

/*
 * By build-id, else by debug link: a name, looked for beside the path (NULL: not known), in .debug/ there and in the
 * path's folder below /usr/lib/debug, with the build-id or else the check sum that it must have.
 */
bool debug_file_of(const struct elf_image *image, const char *path, struct elf_image *file);

#endif
