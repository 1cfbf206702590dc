/* SPDX-License-Identifier: MIT */
/*
 * A file's DWARF by address: which compilation unit, which function of it, and which calls inlined into that one. Units
 * are found by the ranges that they give themselves, as not every compiler writes .debug_aranges; a unit's functions
 * are listed when it is first asked for. The file may be made to hurt: how deep, how many and how long are bounded, and
 * when it is through with its processor time nothing more is found.
 */
#ifndef CODE_UNITS_H
#define CODE_UNITS_H

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/memory_cap.h"

struct code_units;

/* The DWARF stays the caller's, and so does the cap, which is on in every call. NULL: memory is out. */
struct code_units *code_units_new(Dwarf *dwarf, const struct memory_cap *cap);

void code_units_free(struct code_units *units);

/* The unit that an address belongs to. Returns a byte for the caller to note something of the unit in, first 0; NULL:
 * none. */
char *code_units_unit(struct code_units *units, uint64_t address, Dwarf_Die *unit);

/* The function of that unit, then the calls inlined into each other, outermost first. How many; 0: none is known. */
size_t code_units_scopes(struct code_units *units, uint64_t address, Dwarf_Die *scopes, size_t most);

#endif
