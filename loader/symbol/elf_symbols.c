// SPDX-License-Identifier: MIT
/* With libelf. Names stay in its memory until the file is closed. See elf_symbols.h. */
#include "symbol/elf_symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct segment {
	uint64_t offset, size, address;
};

/* A file and where its names come from: itself, or one with debugging symbols. */
struct elf_symbols {
	int descriptor, debug_descriptor; /* -1: none */
	char *image;
	Elf *elf, *debug;
	struct segment *segments;
	size_t segment_count;
	struct elf_function *functions; /* by address */
	size_t function_count;
	bool complete;
	uint64_t malloc_start, malloc_end; /* addresses; equal: it is not glibc */
};

static int open_regular(const char *path, uint64_t inode)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (descriptor < 0)
		return -1;
	if (!fstat(descriptor, &status) && S_ISREG(status.st_mode) && (!inode || status.st_ino == inode))
		return descriptor;
	close(descriptor);
	return -1;
}

static int add_segments(struct elf_symbols *symbols)
{
	size_t count = 0;
	GElf_Phdr header;

	elf_getphdrnum(symbols->elf, &count);
	symbols->segments = calloc(count + 1, sizeof(*symbols->segments));
	if (!symbols->segments)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(symbols->elf, i, &header) && header.p_type == PT_LOAD)
			symbols->segments[symbols->segment_count++] =
			    (struct segment){header.p_offset, header.p_filesz, header.p_vaddr};
	return 0;
}

static Elf_Scn *find_section(Elf *elf, GElf_Word type, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, header) && header->sh_type == type)
			return section;
	return NULL;
}

/* Functions written in assembly may say no size: they end with their section at the latest. */
static uint64_t rest_of_section(Elf *elf, const GElf_Sym *symbol)
{
	Elf_Scn *section = symbol->st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol->st_shndx) : NULL;
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header) || symbol->st_value - header.sh_addr > header.sh_size)
		return 0;
	return header.sh_addr + header.sh_size - symbol->st_value;
}

static int add_functions(struct elf_symbols *symbols, Elf *elf, GElf_Word table)
{
	GElf_Shdr header;
	Elf_Scn *section = find_section(elf, table, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	size_t count = data && header.sh_entsize ? data->d_size / header.sh_entsize : 0;
	const char *source = "";
	struct elf_function *more;
	GElf_Sym symbol;

	more = realloc(symbols->functions, (symbols->function_count + count + 1) * sizeof(*more));
	if (!more)
		return -1;
	symbols->functions = more;
	for (size_t i = 0; i < count && gelf_getsym(data, i, &symbol); i++) {
		int type = GELF_ST_TYPE(symbol.st_info);
		bool local = GELF_ST_BIND(symbol.st_info) == STB_LOCAL;
		const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);

		if (type == STT_FILE)
			source = name ? name : "";
		if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || !name || !*name)
			continue;
		more[symbols->function_count++] = (struct elf_function){symbol.st_value,
		    symbol.st_size ? symbol.st_size : rest_of_section(elf, &symbol), name, local ? source : "", local};
	}
	return 0;
}

/* /usr/lib/debug/.build-id/12/3456.debug */
static bool debug_path(Elf *elf, char path[PATH_MAX])
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;
		size_t at = 0, name, descriptor;
		GElf_Nhdr note;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_NOTE ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		while ((at = gelf_getnote(data, at, &note, &name, &descriptor))) {
			const unsigned char *id = (unsigned char *)data->d_buf + descriptor;
			int length;

			if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
			    memcmp((char *)data->d_buf + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0 ||
			    note.n_descsz < 2 || note.n_descsz > 64)
				continue;
			length = snprintf(path, PATH_MAX, "/usr/lib/debug/.build-id/%02x/", id[0]);
			for (size_t i = 1; i < note.n_descsz; i++)
				length += snprintf(path + length, PATH_MAX - length, "%02x", id[i]);
			snprintf(path + length, PATH_MAX - length, ".debug");
			return true;
		}
	}
	return false;
}

/* NULL for what is no ELF file. */
static Elf *checked(Elf *elf)
{
	if (elf && elf_kind(elf) == ELF_K_ELF)
		return elf;
	elf_end(elf);
	return NULL;
}

static Elf *begin(int descriptor)
{
	return elf_version(EV_CURRENT) != EV_NONE ? checked(elf_begin(descriptor, ELF_C_READ, NULL)) : NULL;
}

static int add_debug_functions(struct elf_symbols *symbols)
{
	size_t before = symbols->function_count;
	char path[PATH_MAX];

	if (!debug_path(symbols->elf, path))
		return 0;
	symbols->debug_descriptor = open_regular(path, 0);
	if (symbols->debug_descriptor < 0)
		return 0;
	symbols->debug = begin(symbols->debug_descriptor);
	if (symbols->debug && add_functions(symbols, symbols->debug, SHT_SYMTAB))
		return -1;
	symbols->complete = symbols->function_count > before;
	return 0;
}

/*
 * Calls of other objects' functions go through stubs that no symbol names. Their sections serve as functions; 0, or -1
 * when out of memory.
 */
static int add_stubs(struct elf_symbols *symbols)
{
	Elf_Scn *section = NULL;
	size_t names;
	GElf_Shdr header;

	if (elf_getshdrstrndx(symbols->elf, &names))
		return 0;
	while ((section = elf_nextscn(symbols->elf, section))) {
		struct elf_function *more;
		const char *name;

		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR))
			continue;
		name = elf_strptr(symbols->elf, names, header.sh_name);
		if (!name || strncmp(name, ".plt", 4) != 0)
			continue;
		more = realloc(symbols->functions, (symbols->function_count + 1) * sizeof(*more));
		if (!more)
			return -1;
		symbols->functions = more;
		more[symbols->function_count++] = (struct elf_function){header.sh_addr, header.sh_size, name, "", true};
	}
	return 0;
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

static struct elf_symbols *filled(struct elf_symbols *symbols)
{
	int failed = !symbols->elf || add_segments(symbols) || add_functions(symbols, symbols->elf, SHT_SYMTAB);

	symbols->complete = symbols->function_count;
	failed = failed || add_functions(symbols, symbols->elf, SHT_DYNSYM) ||
	         (!symbols->complete && add_debug_functions(symbols));
	if (failed || add_stubs(symbols)) {
		elf_symbols_close(symbols);
		return NULL;
	}
	qsort(symbols->functions, symbols->function_count, sizeof(*symbols->functions), compare);
	find_glibc_malloc(symbols);
	return symbols;
}

struct elf_symbols *elf_symbols_open(const char *path, uint64_t inode)
{
	struct elf_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return NULL;
	symbols->debug_descriptor = -1;
	symbols->descriptor = open_regular(path, inode);
	if (symbols->descriptor >= 0)
		symbols->elf = begin(symbols->descriptor);
	return filled(symbols);
}

struct elf_symbols *elf_symbols_open_image(const void *image, size_t size)
{
	struct elf_symbols *symbols = calloc(1, sizeof(*symbols));

	if (!symbols)
		return NULL;
	symbols->descriptor = symbols->debug_descriptor = -1;
	symbols->image = malloc(size);
	if (symbols->image && elf_version(EV_CURRENT) != EV_NONE) {
		memcpy(symbols->image, image, size);
		symbols->elf = checked(elf_memory(symbols->image, size));
	}
	return filled(symbols);
}

void elf_symbols_close(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	elf_end(symbols->elf);
	elf_end(symbols->debug);
	if (symbols->descriptor >= 0)
		close(symbols->descriptor);
	if (symbols->debug_descriptor >= 0)
		close(symbols->debug_descriptor);
	free(symbols->image);
	free(symbols->segments);
	free(symbols->functions);
	free(symbols);
}

bool elf_symbols_complete(const struct elf_symbols *symbols)
{
	return symbols->complete;
}

uint64_t elf_symbols_address(const struct elf_symbols *symbols, uint64_t file_offset)
{
	for (size_t i = 0; i < symbols->segment_count; i++) {
		const struct segment *segment = &symbols->segments[i];

		if (file_offset >= segment->offset && file_offset - segment->offset < segment->size)
			return file_offset - segment->offset + segment->address;
	}
	return UINT64_MAX;
}

const struct elf_function *elf_symbols_at(const struct elf_symbols *symbols, uint64_t file_offset)
{
	uint64_t address = elf_symbols_address(symbols, file_offset);
	size_t low = 0, high = symbols->function_count;

	if (address == UINT64_MAX)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - symbols->functions[low - 1].address >= symbols->functions[low - 1].size)
		return NULL;
	return &symbols->functions[low - 1];
}

const struct elf_function *elf_symbols_named(const struct elf_symbols *symbols, const char *name)
{
	for (size_t i = 0; i < symbols->function_count; i++)
		if (!strcmp(symbols->functions[i].name, name))
			return &symbols->functions[i];
	return NULL;
}

bool elf_symbols_read(const struct elf_symbols *symbols, uint64_t file_offset, void *bytes, size_t count)
{
	if (symbols->descriptor < 0)
		return false;
	return pread(symbols->descriptor, bytes, count, file_offset) == (ssize_t)count;
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
