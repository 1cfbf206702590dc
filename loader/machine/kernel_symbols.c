// SPDX-License-Identifier: MIT
/* One pass over /proc/kallsyms, of which modules are the end. */
#include "machine/kernel_symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool keep(struct kernel_symbols *symbols, uint64_t address, const char *name, size_t *room)
{
	struct kernel_symbol *more;

	if (symbols->count == *room) {
		*room = *room ? 2 * *room : 65536;
		more = realloc(symbols->symbol, *room * sizeof(*more));
		if (!more)
			return false;
		symbols->symbol = more;
	}
	symbols->symbol[symbols->count].address = address;
	snprintf(symbols->symbol[symbols->count].name, KERNEL_SYMBOL_NAME, "%s", name);
	symbols->count++;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct kernel_symbol *a = left, *b = right;
	bool a_calls = !strncmp(a->name, "__x64_sys_", 10), b_calls = !strncmp(b->name, "__x64_sys_", 10);

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	/* Of several names the last one is found: let it be the system call's, and the same one always. */
	return a_calls != b_calls ? a_calls - b_calls : strcmp(a->name, b->name);
}

static int read_symbols(struct kernel_symbols *symbols, bool modules)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	size_t room = 0, line_room = 0;
	char *line = NULL;
	bool failed = false;

	*symbols = (struct kernel_symbols){};
	if (!file)
		return -1;
	/* "ffffffff81000000 T _stext", and of a module "... [name]" */
	while (!failed && getline(&line, &line_room, file) > 0) {
		char *kind, *name, *end;
		uint64_t address = strtoull(line, &kind, 16);

		if (strlen(kind) < 4)
			continue;
		name = kind + 3;
		end = name + strcspn(name, "\t\n");
		if (*end == '\t' && !modules)
			break;
		*end = '\0';
		if (!strcmp(name, "_stext"))
			symbols->text_start = address;
		else if (!strcmp(name, "_etext"))
			symbols->text_end = address;
		else if (!strcmp(name, "page_offset_base"))
			symbols->page_offset_base = address;
		else if (!strcmp(name, "vmemmap_base"))
			symbols->vmemmap_base = address;
		else if (address && strchr("tTwW", kind[1]))
			failed = !keep(symbols, address, name, &room);
	}
	free(line);
	fclose(file);
	if (!failed && symbols->text_start && symbols->text_end && symbols->count) {
		qsort(symbols->symbol, symbols->count, sizeof(*symbols->symbol), compare);
		return 0;
	}
	kernel_symbols_free(symbols);
	errno = failed ? ENOMEM : EPERM;
	return -1;
}

int kernel_symbols_read(struct kernel_symbols *symbols)
{
	return read_symbols(symbols, false);
}

int kernel_symbols_read_all(struct kernel_symbols *symbols)
{
	return read_symbols(symbols, true);
}

void kernel_symbols_free(struct kernel_symbols *symbols)
{
	free(symbols->symbol);
	*symbols = (struct kernel_symbols){};
}

uint64_t kernel_symbol_address(const struct kernel_symbols *symbols, const char *name)
{
	for (size_t i = 0; i < symbols->count; i++)
		if (!strcmp(symbols->symbol[i].name, name))
			return symbols->symbol[i].address;
	return 0;
}

const struct kernel_symbol *kernel_symbol_at(const struct kernel_symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	/* The last symbol at or below it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->symbol[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &symbols->symbol[low - 1] : NULL;
}
