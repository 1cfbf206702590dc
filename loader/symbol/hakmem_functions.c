// SPDX-License-Identifier: MIT
#include "symbol/hakmem_functions.h"

#include <stddef.h>
#include <string.h>

/* Without the parts that the compiler makes of a function: name.part.0, name.cold. */
static bool same_function(const char *left, const char *right)
{
	size_t length = strcspn(left, ".");

	return length == strcspn(right, ".") && !strncmp(left, right, length);
}

bool hakmem_has_function(const struct elf_function *function)
{
	for (size_t i = 0; hakmem_functions[i][0]; i++) {
		/* Hidden functions become local when a program is linked, and lose their source file's name. */
		if (function->local && *function->source && strcmp(function->source, hakmem_functions[i][0]) != 0)
			continue;
		if (same_function(function->name, hakmem_functions[i][1]))
			return true;
	}
	return false;
}
