// SPDX-License-Identifier: MIT
/* Names stay in the memory of the files that they are from until those are closed. See elf_symbols.h. */
#include "symbol/elf_symbols.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/debug_file.h"
#include "symbol/elf_image.h"
#include "symbol/file_functions.h"

/* A file and where its names come from: itself, or one with debugging symbols. */
struct elf_symbols {
	struct elf_image image, debug, mini;
	struct function_table functions;
	bool complete;
	uint64_t malloc_start, malloc_end; /* addresses; equal: it is not glibc */
};

/* What glibc's malloc.c exports, from its first to its last function; those in between don't matter. */
static void find_glibc_malloc(struct elf_symbols *symbols)
{
	static const char *const names[] = {"__default_morecore", "malloc", "free", "realloc", "memalign", "calloc",
	    "malloc_trim", "malloc_usable_size", "mallinfo", "malloc_stats", "mallopt", "posix_memalign",
	    "malloc_info"};

	if (!elf_symbols_named(symbols, "gnu_get_libc_version") || !elf_symbols_named(symbols, "malloc_info"))
		return;
	symbols->malloc_start = UINT64_MAX;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct elf_function *function = elf_symbols_named(symbols, names[i]);

		if (!function)
			continue;
		if (function->address < symbols->malloc_start)
			symbols->malloc_start = function->address;
		if (function->address + function->size > symbols->malloc_end)
			symbols->malloc_end = function->address + function->size;
	}
}

static bool add_all(struct elf_symbols *symbols, const char *path)
{
	GElf_Shdr header;

	if (!elf_image_section(symbols->image.elf, SHT_SYMTAB, NULL, UINT64_MAX, &header))
		debug_file_of(&symbols->image, path, &symbols->debug);
	return file_functions(
	    &symbols->image, &symbols->debug, &symbols->mini, &symbols->functions, &symbols->complete);
}

static struct elf_symbols *filled(struct elf_image *image, const char *path)
{
	struct elf_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols) {
		elf_image_close(image);
		return NULL;
	}
	symbols->image = *image;
	symbols->debug.descriptor = symbols->mini.descriptor = -1;
	if (!add_all(symbols, path)) {
		elf_symbols_close(symbols);
		return NULL;
	}
	find_glibc_malloc(symbols);
	return symbols;
}

struct elf_symbols *elf_symbols_open(const char *path, uint64_t inode)
{
	int descriptor = elf_image_open_regular(path);
	struct elf_image image;
	struct stat status;

	if (descriptor >= 0 && inode && (fstat(descriptor, &status) || status.st_ino != inode)) {
		close(descriptor);
		return NULL;
	}
	return elf_image_open(&image, descriptor) ? filled(&image, path) : NULL;
}

struct elf_symbols *elf_symbols_open_image(const void *bytes, size_t size)
{
	void *copy = malloc(size + 1);
	struct elf_image image;

	if (copy)
		memcpy(copy, bytes, size);
	return elf_image_open_bytes(&image, copy, size) ? filled(&image, NULL) : NULL;
}

void elf_symbols_close(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	function_table_clear(&symbols->functions);
	elf_image_close(&symbols->mini);
	elf_image_close(&symbols->debug);
	elf_image_close(&symbols->image);
	free(symbols);
}

bool elf_symbols_complete(const struct elf_symbols *symbols)
{
	return symbols->complete;
}

uint64_t elf_symbols_address(const struct elf_symbols *symbols, uint64_t file_offset)
{
	return elf_image_address(&symbols->image, file_offset);
}

const struct elf_function *elf_symbols_at(const struct elf_symbols *symbols, uint64_t file_offset)
{
	uint64_t address = elf_symbols_address(symbols, file_offset);

	return address != UINT64_MAX ? function_table_at(&symbols->functions, address) : NULL;
}

const struct elf_function *elf_symbols_named(const struct elf_symbols *symbols, const char *name)
{
	return function_table_named(&symbols->functions, name);
}

bool elf_symbols_read(const struct elf_symbols *symbols, uint64_t file_offset, void *bytes, size_t count)
{
	if (symbols->image.descriptor < 0)
		return false;
	return pread(symbols->image.descriptor, bytes, count, file_offset) == (ssize_t)count;
}

bool elf_symbols_has_glibc_malloc(const struct elf_symbols *symbols)
{
	return symbols->malloc_end > symbols->malloc_start;
}

bool elf_symbols_in_glibc_malloc(const struct elf_symbols *symbols, uint64_t file_offset)
{
	uint64_t address = elf_symbols_address(symbols, file_offset);

	return address != UINT64_MAX && address >= symbols->malloc_start && address < symbols->malloc_end;
}
