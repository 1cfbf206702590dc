/* SPDX-License-Identifier: MIT */
/*
 * The functions of an ELF file by where they lie in it. From its symbol table; where it is stripped, from a file with
 * its debugging symbols that the machine has (found by build-id or debug link) or from .gnu_debugdata, else from the
 * exported symbols alone.
 */
#ifndef ELF_SYMBOLS_H
#define ELF_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/function_table.h"

struct elf_symbols;

/* inode: of the file that is meant. NULL: there is no such file now, it is no ELF file, or memory is out. */
struct elf_symbols *elf_symbols_open(const char *path, uint64_t inode);

/* An image in memory, such as the vdso. It is copied. */
struct elf_symbols *elf_symbols_open_image(const void *image, size_t size);

void elf_symbols_close(struct elf_symbols *symbols);

/* Are there the local functions too, or only exported ones? */
bool elf_symbols_complete(const struct elf_symbols *symbols);

/* The function that a byte of the file belongs to; NULL: none is known to. */
const struct elf_function *elf_symbols_at(const struct elf_symbols *symbols, uint64_t file_offset);

/* The function of that name; NULL: there is none. */
const struct elf_function *elf_symbols_named(const struct elf_symbols *symbols, const char *name);

/* Where a byte of the file is in the address space that its symbols talk of; UINT64_MAX: nowhere. */
uint64_t elf_symbols_address(const struct elf_symbols *symbols, uint64_t file_offset);

/* Bytes of the file; false: they can't be read. */
bool elf_symbols_read(const struct elf_symbols *symbols, uint64_t file_offset, void *bytes, size_t count);

/*
 * Does a byte lie in the part of glibc that its malloc.c was compiled to? All of a source file lies together, so that
 * is between the functions that it exports. False for any other file.
 */
bool elf_symbols_has_glibc_malloc(const struct elf_symbols *symbols);
bool elf_symbols_in_glibc_malloc(const struct elf_symbols *symbols, uint64_t file_offset);

#endif
