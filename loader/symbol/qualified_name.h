/* SPDX-License-Identifier: MIT */
/* A function's name with the namespaces and classes around it, where debugging information has no linker's name of it.
 */
#ifndef QUALIFIED_NAME_H
#define QUALIFIED_NAME_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* The entry that a function, or a call inlined, has its name from. False: it has none. */
bool named_entry(Dwarf_Die *function, Dwarf_Die *named);

/* Of such an entry: a fresh string; NULL: it has no name, there is nothing around it, or memory is out. */
char *qualified_name(Dwarf_Die *named);

#endif
