// SPDX-License-Identifier: MIT
#include "symbol/function_table.h"

#include <stdlib.h>
#include <string.h>

#include "symbol/elf_image.h"

/* Of one table and of its names. A browser's have some tens and some hundreds of MiB. */
#define TABLE_MOST (256ULL << 20)
#define NAMES_MOST (1ULL << 30)
/* Of a name; C++ templates have names of some KiB. */
#define NAME_MOST 16384

/* Functions written in assembly may say no size: they end with their section at the latest. */
static uint64_t rest_of_section(Elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section = symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header) || symbol->st_value - header.sh_addr > header.sh_size)
		return 0;
	return header.sh_addr + header.sh_size - symbol->st_value;
}

static struct elf_function *make_room(struct function_table *table, size_t more)
{
	struct elf_function *functions = realloc(table->functions, (table->count + more) * sizeof(*functions));

	if (functions)
		table->functions = functions;
	return functions;
}

static bool has_sensible_names(Elf *elf, const GElf_Shdr *table)
{
	Elf_Scn *section = elf_getscn(elf, table->sh_link);
	GElf_Shdr header;

	return section && gelf_getshdr(section, &header) && header.sh_size <= NAMES_MOST;
}

/* Of a section with code, and no mark of the linker's ($x). */
static bool is_label(Elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section =
	    symbol->st_shndx && symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
	GElf_Shdr header;

	return section && gelf_getshdr(section, &header) && (header.sh_flags & SHF_EXECINSTR);
}

enum kind { NOTHING, FUNCTION, LABEL, SOURCE };

static enum kind kind_of(Elf *elf, const GElf_Sym *symbol)
{
	switch (GELF_ST_TYPE(symbol->st_info)) {
	case STT_FILE:
		return SOURCE;
	case STT_FUNC:
	case STT_GNU_IFUNC:
		return symbol->st_shndx != SHN_UNDEF ? FUNCTION : NOTHING;
	case STT_NOTYPE:
		return is_label(elf, symbol) ? LABEL : NOTHING;
	default:
		return NOTHING;
	}
}

static bool add_label(struct function_table *table, const struct elf_function *label)
{
	struct elf_function *labels;

	if (label->name[0] == '$' || label->name[0] == '.')
		return true;
	labels = realloc(table->labels, (table->label_count + 1) * sizeof(*labels));
	if (!labels)
		return false;
	table->labels = labels;
	labels[table->label_count++] = *label;
	return true;
}

bool function_table_add(struct function_table *table, Elf *elf, GElf_Word type)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_image_section(elf, type, NULL, TABLE_MOST, &header);
	Elf_Data *data = section && has_sensible_names(elf, &header) ? elf_getdata(section, NULL) : NULL;
	size_t entry = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count = data && entry ? data->d_size / entry : 0;
	const char *source = "";
	struct elf_function *functions = make_room(table, count + 1);
	GElf_Sym symbol;

	for (size_t i = 0; functions && i < count && gelf_getsym(data, i, &symbol); i++) {
		enum kind kind = kind_of(elf, &symbol);
		bool local = GELF_ST_BIND(symbol.st_info) == STB_LOCAL;
		const char *name = kind != NOTHING ? elf_strptr(elf, header.sh_link, symbol.st_name) : NULL;
		struct elf_function function = {symbol.st_value, symbol.st_size, name, local ? source : "", local};

		if (kind == SOURCE)
			source = name ? name : "";
		if (kind == SOURCE || !name || !*name || strnlen(name, NAME_MOST) == NAME_MOST)
			continue;
		if (!function.size)
			function.size = rest_of_section(elf, &symbol);
		if (kind == FUNCTION)
			functions[table->count++] = function;
		else if (!add_label(table, &function))
			return false;
	}
	return functions;
}

bool function_table_add_stubs(struct function_table *table, Elf *elf)
{
	Elf_Scn *section = NULL;
	size_t names;
	GElf_Shdr header;

	if (elf_getshdrstrndx(elf, &names))
		return true;
	while ((section = elf_nextscn(elf, section))) {
		struct elf_function *functions;
		const char *name;

		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (!name || strncmp(name, ".plt", 4) != 0)
			continue;
		functions = make_room(table, 1);
		if (!functions)
			return false;
		functions[table->count++] = (struct elf_function){header.sh_addr, header.sh_size, name, "", true};
	}
	return true;
}

/* Of names at one address the exported one wins, then that with fewer underscores in front, then the shorter one. */
static int compare(const void *left, const void *right)
{
	const struct elf_function *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->local != b->local)
		return a->local ? -1 : 1;
	if (strspn(a->name, "_") != strspn(b->name, "_"))
		return strspn(a->name, "_") > strspn(b->name, "_") ? -1 : 1;
	if (strlen(a->name) != strlen(b->name))
		return strlen(a->name) > strlen(b->name) ? -1 : 1;
	return -strcmp(a->name, b->name);
}

/* The first function's address above one; UINT64_MAX: there is none. */
static uint64_t next_function(const struct function_table *table, uint64_t address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->count ? table->functions[low].address : UINT64_MAX;
}

static bool add_ranges(struct address_ranges *ranges, struct elf_function *functions, size_t count)
{
	if (count)
		qsort(functions, count, sizeof(*functions), compare);
	for (size_t i = 0; i < count; i++)
		if (!address_ranges_add(ranges, functions[i].address, functions[i].address + functions[i].size, i))
			return false;
	address_ranges_sort(ranges);
	return true;
}

bool function_table_sort(struct function_table *table)
{
	if (!add_ranges(&table->ranges, table->functions, table->count))
		return false;
	for (size_t i = 0; i < table->label_count; i++) {
		struct elf_function *label = &table->labels[i];
		uint64_t next = next_function(table, label->address);

		if (function_table_at(table, label->address))
			label->size = 0;
		else if (next - label->address < label->size)
			label->size = next - label->address;
	}
	return add_ranges(&table->label_ranges, table->labels, table->label_count);
}

const struct elf_function *function_table_at(const struct function_table *table, uint64_t address)
{
	const struct address_range *range = address_ranges_at(&table->ranges, address);

	return range ? &table->functions[range->value] : NULL;
}

const struct elf_function *function_table_label_at(const struct function_table *table, uint64_t address)
{
	const struct address_range *range = address_ranges_at(&table->label_ranges, address);

	return range ? &table->labels[range->value] : NULL;
}

const struct elf_function *function_table_named(const struct function_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->functions[i].name, name))
			return &table->functions[i];
	return NULL;
}

void function_table_clear(struct function_table *table)
{
	free(table->functions);
	free(table->labels);
	address_ranges_clear(&table->ranges);
	address_ranges_clear(&table->label_ranges);
	*table = (struct function_table){};
}
