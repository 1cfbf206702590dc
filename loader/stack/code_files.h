/* SPDX-License-Identifier: MIT */
/*
 * The files with code that stacks lead through, opened while a process that has them mapped is alive: later they may be
 * gone, or others. Each is known by a number, and an address in it as its own symbols count addresses.
 */
#ifndef CODE_FILES_H
#define CODE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/code_file.h"
#include "stack/executable_maps.h"

struct code_files;

struct code_location {
	uint32_t file; /* number; CODE_FILE_NONE: code that is from no file, and address is one in memory */
	uint64_t address;
};

#define CODE_FILE_NONE 0

struct code_files *code_files_new(void); /* NULL: out of memory */
void code_files_free(struct code_files *files);

/* Where an address in a range of a process lies; false: out of memory. */
bool code_files_locate(struct code_files *files, uint32_t pid, const struct executable_range *range, uint64_t address,
    struct code_location *location);

/* Of a file: its descriptor, -1: it could not be opened, or is not the one that was mapped. */
int code_files_descriptor(const struct code_files *files, uint32_t file);

/* Is it an ELF file, and of a sensible size (elf_image.h)? */
bool code_files_is_elf(const struct code_files *files, uint32_t file);

/* Its name, without folders. */
const char *code_files_name(const struct code_files *files, uint32_t file);

/* Its symbols, read when they are first asked for; NULL: it has none, or there is no descriptor. */
struct code_file *code_files_symbols(struct code_files *files, uint32_t file);

#endif
