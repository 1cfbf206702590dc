/* SPDX-License-Identifier: MIT */
/* Functions by where they lie, from the symbol tables of ELF files. Names stay those files'. */
#ifndef FUNCTION_TABLE_H
#define FUNCTION_TABLE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/address_ranges.h"

struct elf_function {
	uint64_t address, size;
	const char *name;
	const char *source; /* of a local function: its source file's name; "" when not known */
	bool local;
};

struct function_table {
	struct elf_function *functions; /* by address; of names at one, the one people use comes last */
	size_t count;
	struct address_ranges ranges;
	struct elf_function *labels; /* in assembly; they have no size and end where the next symbol is */
	size_t label_count;
	struct address_ranges label_ranges;
};

/* Those of a table, SHT_SYMTAB or SHT_DYNSYM. False: memory is out; it is no error to have none. */
bool function_table_add(struct function_table *table, Elf *elf, GElf_Word type);

/* The stubs through which other objects' functions are called, which no symbol names: a section serves as a function.
 */
bool function_table_add_stubs(struct function_table *table, Elf *elf);

/* When all are added, before any is asked for. False: memory is out. */
bool function_table_sort(struct function_table *table);

/* NULL: there is none. */
const struct elf_function *function_table_at(const struct function_table *table, uint64_t address);
/* The label before an address that no function has, with no other symbol between; NULL: there is none. */
const struct elf_function *function_table_label_at(const struct function_table *table, uint64_t address);

const struct elf_function *function_table_named(const struct function_table *table, const char *name);

void function_table_clear(struct function_table *table);

#endif
