// SPDX-License-Identifier: MIT
/*
 * Little is read before the first address is asked for. Functions are those of the file's symbol table; where it is
 * stripped those of its debug file, else of .gnu_debugdata; the exported ones in any case. Debugging information is the
 * file's own, else its debug file's.
 */
#include "symbol/code_file.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/debug_file.h"
#include "symbol/debug_info.h"
#include "symbol/elf_image.h"
#include "symbol/file_functions.h"
#include "symbol/memory_cap.h"
#include "symbol/readable_name.h"

#define PLACES_MOST   64
#define MEMORY_MOST   (4ULL << 30) /* for a file */
#define BUILD_ID_MOST 64

/* What an address was found to be. */
struct known {
	uint64_t address;
	size_t count;
	struct code_place places[];
};

/* A name as its file has it, and as people read it. */
struct name {
	const char *raw;
	char *readable; /* NULL: as it is */
};

struct code_file {
	struct elf_image image, debug, mini;
	char *path;
	bool loaded;
	struct function_table functions;
	struct memory_cap cap;
	struct debug_info *info; /* NULL: none */
	void *known, *names;     /* trees */
	char build_id[2 * BUILD_ID_MOST + 1];
};

static int compare_known(const void *left, const void *right)
{
	uint64_t a = ((const struct known *)left)->address, b = ((const struct known *)right)->address;

	return a < b ? -1 : a > b;
}

static int compare_names(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)((const struct name *)left)->raw, b = (uintptr_t)((const struct name *)right)->raw;

	return a < b ? -1 : a > b;
}

static void free_name(void *node)
{
	struct name *name = node;

	free(name->readable);
	free(name);
}

static void write_build_id(struct code_file *file)
{
	const unsigned char *id;
	size_t size = elf_image_build_id(&file->image, &id);

	for (size_t i = 0; i < size && size <= BUILD_ID_MOST; i++)
		snprintf(file->build_id + 2 * i, 3, "%02x", id[i]);
}

static struct code_file *new_file(void)
{
	struct code_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->debug.descriptor = file->mini.descriptor = -1;
	file->cap.left = MEMORY_MOST;
	return file;
}

struct code_file *code_file_open(int descriptor, const char *path)
{
	struct elf_image image;
	struct code_file *file = elf_image_open(&image, descriptor) ? new_file() : NULL;

	if (!file) {
		elf_image_close(&image);
		return NULL;
	}
	file->image = image;
	file->path = path ? strdup(path) : NULL;
	write_build_id(file);
	return file;
}

struct code_file *code_file_open_image(const void *image, size_t size)
{
	struct elf_image copy;
	void *bytes = malloc(size + 1);
	struct code_file *file = NULL;

	if (bytes)
		memcpy(bytes, image, size);
	if (elf_image_open_bytes(&copy, bytes, size))
		file = new_file();
	if (!file) {
		elf_image_close(&copy);
		return NULL;
	}
	file->image = copy;
	write_build_id(file);
	return file;
}

void code_file_close(struct code_file *file)
{
	if (!file)
		return;
	debug_info_close(file->info);
	function_table_clear(&file->functions);
	tdestroy(file->known, free);
	tdestroy(file->names, free_name);
	elf_image_close(&file->mini);
	elf_image_close(&file->debug);
	elf_image_close(&file->image);
	free(file->path);
	free(file);
}

const char *code_file_build_id(const struct code_file *file)
{
	return file->build_id;
}

uint64_t code_file_address(const struct code_file *file, uint64_t file_offset)
{
	return elf_image_address(&file->image, file_offset);
}

static void load(struct code_file *file)
{
	bool complete;

	if (file->loaded)
		return;
	file->loaded = true;
	file->info = debug_info_open(&file->image, &file->cap);
	if (!file->info && debug_file_of(&file->image, file->path, &file->debug))
		file->info = debug_info_open(&file->debug, &file->cap);
	if (!file_functions(&file->image, &file->debug, &file->mini, &file->functions, &complete))
		function_table_clear(&file->functions);
}

static const char *readable(struct code_file *file, const char *raw)
{
	struct name wanted = {.raw = raw}, *fresh, **found = tfind(&wanted, &file->names, compare_names);

	if (found)
		return (*found)->readable ? (*found)->readable : raw;
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		return raw;
	*fresh = (struct name){raw, readable_name(raw)};
	if (!tsearch(fresh, &file->names, compare_names)) {
		free_name(fresh);
		return raw;
	}
	return fresh->readable ? fresh->readable : raw;
}

/*
 * Others may call a function what its source doesn't: malloc is __libc_malloc there. Their name is the symbol's; and
 * the linker's names of C++ and Rust say more than the source. But the symbols of local C functions may be made of
 * parts: operation.part.0.
 */
static const char *function_name(struct code_file *file, const struct elf_function *symbol, const char *debug_name)
{
	const char *name = symbol ? readable(file, symbol->name) : "";

	if (symbol && (!symbol->local || name != symbol->name || !*debug_name))
		return name;
	return *debug_name ? readable(file, debug_name) : "";
}

static size_t find(struct code_file *file, uint64_t address, struct code_place *places)
{
	const struct elf_function *symbol = function_table_at(&file->functions, address);
	struct debug_place found[PLACES_MOST] = {};
	size_t count = file->info ? debug_info_places(file->info, address, found, PLACES_MOST) : 0;

	if (!symbol && (!count || !*found[count - 1].name))
		symbol = function_table_label_at(&file->functions, address);
	if (!count && symbol)
		found[count++] = (struct debug_place){symbol->name, "", 0, false};
	for (size_t i = 0; i < count; i++)
		places[i] = (struct code_place){
		    function_name(file, found[i].inlined ? NULL : symbol, found[i].name),
		    found[i].source,
		    found[i].line,
		    found[i].inlined,
		};
	return count;
}

static void keep(struct code_file *file, uint64_t address, const struct code_place *places, size_t count)
{
	struct known *known = malloc(sizeof(*known) + count * sizeof(*places));

	if (!known)
		return;
	known->address = address;
	known->count = count;
	memcpy(known->places, places, count * sizeof(*places));
	if (!tsearch(known, &file->known, compare_known))
		free(known);
}

size_t code_file_places(struct code_file *file, uint64_t address, bool call, struct code_place *places, size_t most)
{
	struct known wanted = {.address = address - call}, **known = tfind(&wanted, &file->known, compare_known);
	struct code_place fresh[PLACES_MOST];
	const struct code_place *found = known ? (*known)->places : fresh;
	size_t count;

	if (known) {
		count = (*known)->count;
	} else {
		memory_cap_begin(&file->cap);
		load(file);
		count = find(file, wanted.address, fresh);
		memory_cap_end(&file->cap);
		keep(file, wanted.address, fresh, count);
	}
	if (count > most)
		count = most;
	memcpy(places, found, count * sizeof(*places));
	return count;
}
