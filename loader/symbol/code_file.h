/* SPDX-License-Identifier: MIT */
/*
 * A file with code, or an image of one in memory: what function, source line and inlined functions an address in it
 * belongs to. From its own symbols and DWARF, those of a separate debug file (by build-id or debug link), or what
 * .gnu_debugdata has. Slow to open and to ask the first time, so each file once and each address once; never while
 * somebody waits. Not thread-safe.
 */
#ifndef CODE_FILE_H
#define CODE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_file;

/* A place in code; strings live as long as the file. */
struct code_place {
	const char *function; /* readable; "": not known */
	const char *source;   /* as the compiler was told, its folder before it; "": not known */
	uint32_t line;        /* 0: not known */
	bool inlined;         /* into the next place's function */
};

/*
 * descriptor: of the file, taken over. path: where it was said to be, to find its debug file by debug link. NULL: it is
 * no ELF file, or memory is out; the descriptor is closed then, too.
 */
struct code_file *code_file_open(int descriptor, const char *path);

/* An image in memory, such as the vdso. It is copied. */
struct code_file *code_file_open_image(const void *image, size_t size);

void code_file_close(struct code_file *file);

/* In hexadecimal; "": it has none. */
const char *code_file_build_id(const struct code_file *file);

/* Where a byte of the file is in the address space that its symbols talk of; UINT64_MAX: nowhere. */
uint64_t code_file_address(const struct code_file *file, uint64_t file_offset);

/*
 * Where an address of that space lies, inlined functions first, at most so many. call: it is a return address, and the
 * call before it is meant. How many there are; 0: nothing is known of it.
 */
size_t code_file_places(struct code_file *file, uint64_t address, bool call, struct code_place *places, size_t most);

#endif
