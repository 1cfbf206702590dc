// SPDX-License-Identifier: MIT
#include "symbol/debug_name.h"

#include <dwarf.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/qualified_name.h"

/* Longer ones are none. */
#define NAME_MOST 16384

/* Of an entry, with what is around it; NULL: nothing is. */
struct name {
	const void *entry;
	char *text;
};

static int compare_names(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)((const struct name *)left)->entry, b = (uintptr_t)((const struct name *)right)->entry;

	return a < b ? -1 : a > b;
}

static void free_name(void *node)
{
	struct name *name = node;

	free(name->text);
	free(name);
}

/* By the source: with what is around it, found once. */
static const char *source_name(void **names, Dwarf_Die *function)
{
	struct name wanted, *fresh, **found;
	Dwarf_Die named;
	const char *plain;

	if (!named_entry(function, &named) || !(plain = dwarf_diename(&named)) ||
	    strnlen(plain, NAME_MOST) == NAME_MOST)
		return "";
	wanted.entry = named.addr;
	found = tfind(&wanted, names, compare_names);
	if (found)
		return (*found)->text ? (*found)->text : plain;
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		return plain;
	*fresh = (struct name){named.addr, qualified_name(&named)};
	if (!tsearch(fresh, names, compare_names)) {
		free_name(fresh);
		return plain;
	}
	return fresh->text ? fresh->text : plain;
}

const char *debug_name(void **names, Dwarf_Die *function)
{
	static const unsigned attributes[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name};
	Dwarf_Attribute attribute;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		const char *name =
		    dwarf_attr_integrate(function, attributes[i], &attribute) ? dwarf_formstring(&attribute) : NULL;

		if (name && *name && strnlen(name, NAME_MOST) < NAME_MOST)
			return name;
	}
	return source_name(names, function);
}

void debug_names_free(void *names)
{
	tdestroy(names, free_name);
}
