/* SPDX-License-Identifier: MIT */
/* What an ELF file says of itself. */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct elf_facts {
	bool exports_malloc; /* malloc and free, to whoever is linked with it */
	bool is_program;     /* and not a shared library */
	bool is_static;      /* a program that asks for no dynamic loader */
	bool is_stripped;    /* without a symbol table */
	bool is_32_bit;
};

/* inode: of the file that is meant. False: there is no such file now, or it is no ELF file. */
bool elf_file_read(const char *path, uint64_t inode, struct elf_facts *facts);

#endif
