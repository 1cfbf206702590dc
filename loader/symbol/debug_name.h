/* SPDX-License-Identifier: MIT */
/* What debugging information calls a function. */
#ifndef DEBUG_NAME_H
#define DEBUG_NAME_H

#include <elfutils/libdw.h>

/*
 * The linker's name of a function, or of a call inlined; else the source's, with the namespaces and classes around it;
 * "": it has none. names: NULL at first; keeps what is found until it is freed.
 */
const char *debug_name(void **names, Dwarf_Die *function);

void debug_names_free(void *names);

#endif
