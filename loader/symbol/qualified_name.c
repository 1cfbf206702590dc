// SPDX-License-Identifier: MIT
/*
 * Entries don't say what they are in. They come in the order of their offsets, though: of entries beside each other the
 * one that another is in is the last before it.
 */
#include "symbol/qualified_name.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MOST 16
#define NEST_MOST  32
#define NAME_MOST  16384

bool named_entry(Dwarf_Die *function, Dwarf_Die *named)
{
	Dwarf_Attribute attribute;

	*named = *function;
	for (int i = 0; i < CHAIN_MOST; i++) {
		if (dwarf_hasattr(named, DW_AT_name))
			return true;
		if (!dwarf_attr(named, DW_AT_abstract_origin, &attribute) &&
		    !dwarf_attr(named, DW_AT_specification, &attribute))
			return false;
		if (!dwarf_formref_die(&attribute, named))
			return false;
	}
	return false;
}

/* Languages whose functions are in nothing but a file. */
static bool is_flat(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

static bool next_before(const Dwarf_Die *entry, const Dwarf_Die *wanted, Dwarf_Die *next)
{
	Dwarf_Die at = *entry;

	return !dwarf_siblingof(&at, next) && (const char *)next->addr > (const char *)entry->addr &&
	       (const char *)next->addr <= (const char *)wanted->addr;
}

/* The name of one that counts; NULL: it doesn't. */
static const char *part(Dwarf_Die *entry)
{
	const char *name = dwarf_diename(entry);

	switch (dwarf_tag(entry)) {
	case DW_TAG_namespace:
		return name ? name : "(anonymous namespace)";
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return name ? name : "{unnamed}";
	case DW_TAG_module:
	case DW_TAG_subprogram:
		return name;
	default:
		return NULL;
	}
}

char *qualified_name(Dwarf_Die *named)
{
	Dwarf_Die entry, next, unit;
	char *text = NULL;
	size_t size = 0;
	bool is_inside = false;
	FILE *stream;

	if (!dwarf_diename(named) || !dwarf_cu_die(named->cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL) ||
	    is_flat(&unit) || dwarf_child(&unit, &entry))
		return NULL;
	stream = open_memstream(&text, &size);
	if (!stream)
		return NULL;
	for (int depth = 0; depth < NEST_MOST; depth++) {
		const char *name;

		while (next_before(&entry, named, &next))
			entry = next;
		if (entry.addr == named->addr)
			break;
		name = part(&entry);
		if (name && ftell(stream) < NAME_MOST && strnlen(name, NAME_MOST) < NAME_MOST) {
			fprintf(stream, "%s::", name);
			is_inside = true;
		}
		if (dwarf_child(&entry, &next))
			break;
		entry = next;
	}
	fputs(dwarf_diename(named), stream);
	if (!fclose(stream) && is_inside)
		return text;
	free(text);
	return NULL;
}
