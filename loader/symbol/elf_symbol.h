/* SPDX-License-Identifier: MIT */
/* What an ELF file has to do with a name. */
#ifndef ELF_SYMBOL_H
#define ELF_SYMBOL_H

enum elf_symbol {
	ELF_SYMBOL_ABSENT, /* also when there is no such file, or it is no ELF file */
	ELF_SYMBOL_IMPORTED,
	ELF_SYMBOL_DEFINED,
};

/* Looks through all symbols, the dynamic loader's and, where it is not stripped, the file's own. */
enum elf_symbol elf_symbol_find(const char *path, const char *name);

#endif
