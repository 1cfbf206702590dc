// SPDX-License-Identifier: MIT
#include "symbol/file_functions.h"

#include "symbol/mini_debug.h"

bool file_functions(const struct elf_image *image, const struct elf_image *debug, struct elf_image *mini,
    struct function_table *functions, bool *complete)
{
	bool enough = function_table_add(functions, image->elf, SHT_SYMTAB);

	if (enough && !functions->count && debug->elf)
		enough = function_table_add(functions, debug->elf, SHT_SYMTAB);
	if (enough && !functions->count && mini_debug_open(image->elf, mini))
		enough = function_table_add(functions, mini->elf, SHT_SYMTAB);
	*complete = functions->count;
	return enough && function_table_add(functions, image->elf, SHT_DYNSYM) &&
	       function_table_add_stubs(functions, image->elf) && function_table_sort(functions);
}
