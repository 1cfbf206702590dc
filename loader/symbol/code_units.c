// SPDX-License-Identifier: MIT
/*
 * With libdw, but not its dwarf_getscopes, which reads a whole unit again for each address and recurses as deep as the
 * file says.
 */
#include "symbol/code_units.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "symbol/address_ranges.h"

#define NEST_MOST   128          /* folders of entries in each other, namespaces say */
#define RANGES_MOST (1U << 23)   /* of a file */
#define TIME_MOST   20           /* seconds of processor time for a file */
#define MEMORY_KEPT (2ULL << 30) /* bytes that are to be left: without any libdw aborts in places */
#define STEPS       64           /* between looks at the clock */

struct unit {
	Dwarf_Off entry;
	enum { LISTED_NOT, LISTED_OUTER, LISTED_ALL } listed;
	char note;
	struct address_ranges functions; /* of entries' offsets */
};

struct code_units {
	Dwarf *dwarf;
	const struct memory_cap *cap;
	struct unit *units;
	size_t count, room;
	struct address_ranges by_address; /* of units' indices */
	size_t ranges;                    /* all units' and functions' */
	uint64_t spent, started;          /* ns of processor time: before this call, and when it began */
	unsigned steps;
	bool through;
};

static uint64_t processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void start(struct code_units *units)
{
	units->started = processor_time();
}

static void stop(struct code_units *units)
{
	units->spent += processor_time() - units->started;
}

static void look(struct code_units *units)
{
	if (units->spent + (processor_time() - units->started) > TIME_MOST * 1000000000ULL ||
	    memory_cap_left(units->cap) < MEMORY_KEPT)
		units->through = true;
}

/* To be asked at each entry: is the file through with its time, or its memory? */
static bool is_through(struct code_units *units)
{
	if (!units->through && ++units->steps % STEPS == 0)
		look(units);
	return units->through;
}

/* A range that begins at 0 is of code that the linker left out. */
static bool add_ranges(struct code_units *units, struct address_ranges *ranges, Dwarf_Die *entry, uint64_t value)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t at = 0;

	while (!is_through(units) && (at = dwarf_ranges(entry, at, &base, &low, &high)) > 0) {
		if (!low || low >= high)
			continue;
		if (++units->ranges > RANGES_MOST || !address_ranges_add(ranges, low, high, value))
			return false;
	}
	return true;
}

static bool add_unit(struct code_units *units, Dwarf_Off offset)
{
	Dwarf_Die entry;

	if (!dwarf_offdie(units->dwarf, offset, &entry) || dwarf_tag(&entry) != DW_TAG_compile_unit)
		return true;
	if (units->count == units->room) {
		size_t room = units->room ? units->room * 2 : 64;
		struct unit *more = realloc(units->units, room * sizeof(*more));

		if (!more)
			return false;
		units->units = more;
		units->room = room;
	}
	units->units[units->count] = (struct unit){.entry = offset};
	return add_ranges(units, &units->by_address, &entry, units->count++);
}

struct code_units *code_units_new(Dwarf *dwarf, const struct memory_cap *cap)
{
	struct code_units *units = calloc(1, sizeof(*units));
	Dwarf_Off at = 0, next;
	size_t header;

	if (!units)
		return NULL;
	units->dwarf = dwarf;
	units->cap = cap;
	start(units);
	while (!is_through(units) && !dwarf_next_unit(dwarf, at, &next, &header, NULL, NULL, NULL, NULL, NULL, NULL)) {
		if (next <= at || !add_unit(units, at + header))
			break;
		at = next;
		look(units);
	}
	address_ranges_sort(&units->by_address);
	stop(units);
	return units;
}

void code_units_free(struct code_units *units)
{
	if (!units)
		return;
	for (size_t i = 0; i < units->count; i++)
		address_ranges_clear(&units->units[i].functions);
	address_ranges_clear(&units->by_address);
	free(units->units);
	free(units);
}

/* Can there be functions in it? In other functions there are few: closures and functions of functions. */
static bool may_hold_functions(int tag, bool all)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_common_block:
		return true;
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return all;
	default:
		return false;
	}
}

static bool next_entry(Dwarf_Die *entry)
{
	const void *before = entry->addr;

	return !dwarf_siblingof(entry, entry) && (const char *)entry->addr > (const char *)before;
}

static void list_functions(struct code_units *units, struct unit *unit, bool all)
{
	Dwarf_Die way[NEST_MOST];
	size_t depth = 0;

	if (!dwarf_offdie(units->dwarf, unit->entry, &way[0]) || dwarf_child(&way[0], &way[0]))
		return;
	while (!is_through(units)) {
		int tag = dwarf_tag(&way[depth]);

		if (tag == DW_TAG_subprogram &&
		    !add_ranges(units, &unit->functions, &way[depth], dwarf_dieoffset(&way[depth])))
			return;
		if (depth + 1 < NEST_MOST && may_hold_functions(tag, all) &&
		    !dwarf_child(&way[depth], &way[depth + 1])) {
			depth++;
			continue;
		}
		while (!next_entry(&way[depth]))
			if (!depth--)
				return;
	}
}

static const struct address_range *find_function(struct code_units *units, struct unit *unit, uint64_t address)
{
	const struct address_range *found = address_ranges_at(&unit->functions, address);

	while (!found && unit->listed != LISTED_ALL && !is_through(units)) {
		unit->listed++;
		address_ranges_clear(&unit->functions);
		list_functions(units, unit, unit->listed == LISTED_ALL);
		address_ranges_sort(&unit->functions);
		found = address_ranges_at(&unit->functions, address);
	}
	return found;
}

static bool is_scope(int tag)
{
	switch (tag) {
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return true;
	default:
		return false;
	}
}

/* To the entry of its scopes that an address lies in; false: it has none such. */
static bool go_inward(struct code_units *units, Dwarf_Die *entry, uint64_t address)
{
	Dwarf_Die child;

	if (dwarf_child(entry, &child))
		return false;
	do {
		if (is_scope(dwarf_tag(&child)) && dwarf_haspc(&child, address) > 0) {
			*entry = child;
			return true;
		}
	} while (!is_through(units) && next_entry(&child));
	return false;
}

static struct unit *find_unit(struct code_units *units, uint64_t address)
{
	const struct address_range *range = address_ranges_at(&units->by_address, address);

	return range ? &units->units[range->value] : NULL;
}

char *code_units_unit(struct code_units *units, uint64_t address, Dwarf_Die *unit)
{
	struct unit *found = find_unit(units, address);

	return found && dwarf_offdie(units->dwarf, found->entry, unit) ? &found->note : NULL;
}

size_t code_units_scopes(struct code_units *units, uint64_t address, Dwarf_Die *scopes, size_t most)
{
	struct unit *unit = find_unit(units, address);
	const struct address_range *function;
	Dwarf_Die entry;
	size_t count = 0;

	if (!unit || !most)
		return 0;
	start(units);
	function = find_function(units, unit, address);
	if (function && dwarf_offdie(units->dwarf, function->value, &entry))
		scopes[count++] = entry;
	while (count && count < most && go_inward(units, &entry, address))
		if (dwarf_tag(&entry) == DW_TAG_inlined_subroutine)
			scopes[count++] = entry;
	stop(units);
	return count;
}
