// SPDX-License-Identifier: MIT
/*
 * With libdw. What dwz moved into a file that many share must be found before any of it is read: libdw would else open
 * whatever file it is told. Split DWARF (.dwo files) is not followed, for the same reason.
 */
#include "symbol/debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/code_units.h"
#include "symbol/debug_file.h"
#include "symbol/debug_name.h"

#define SECTIONS_SIZE_MOST (2ULL << 30)  /* of all with debugging information, unpacked */
#define ABBREVIATIONS_MOST (64ULL << 20) /* libdw may keep all of them for a unit, ten times as large */
#define LINES_MOST         (64ULL << 20) /* bytes of line tables that are read; each makes a row of some 50 bytes */
#define PATH_LENGTH_MOST   8192
#define SCOPES_MOST        128

struct debug_info {
	Dwarf *dwarf, *shared; /* shared: NULL: it needs none */
	struct elf_image shared_file;
	struct code_units *units;
	void *names; /* debug_name's */
	Elf_Data *line_tables;
	uint64_t lines_read;
	bool failed;
};

/* What a section has when it is unpacked. Compressed in the older way it says so in its first bytes. */
static uint64_t unpacked_size(Elf_Scn *section, const GElf_Shdr *header, const char *name)
{
	uint64_t size = 0;
	GElf_Chdr packed;
	Elf_Data *data;

	if (header->sh_flags & SHF_COMPRESSED)
		return gelf_getchdr(section, &packed) ? packed.ch_size : UINT64_MAX;
	if (strncmp(name, ".zdebug", 7) != 0)
		return header->sh_size;
	data = header->sh_size <= SECTIONS_SIZE_MOST ? elf_rawdata(section, NULL) : NULL;
	if (!data || !data->d_buf || data->d_size < 12)
		return UINT64_MAX;
	for (int i = 4; i < 12; i++)
		size = size << 8 | ((const unsigned char *)data->d_buf)[i];
	return size;
}

static bool is_sensible(Elf *elf)
{
	uint64_t sum = 0;
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((section = elf_nextscn(elf, section))) {
		const char *name = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
		uint64_t size;

		if (!name || header.sh_type == SHT_NOBITS || !strstr(name, "debug"))
			continue;
		size = unpacked_size(section, &header, name);
		if (size > SECTIONS_SIZE_MOST || (sum += size) > SECTIONS_SIZE_MOST)
			return false;
		if (size > ABBREVIATIONS_MOST && strstr(name, "debug_abbrev"))
			return false;
	}
	return sum;
}

/* libdw goes on nowhere when memory is out, but exits, unless it is told where to. */
static jmp_buf memory_is_out;

static __attribute__((noreturn)) void give_up(void)
{
	longjmp(memory_is_out, 1);
}

static Dwarf *begin(const struct elf_image *file)
{
	Dwarf *dwarf = is_sensible(file->elf) ? dwarf_begin_elf(file->elf, DWARF_C_READ, NULL) : NULL;

	if (dwarf)
		dwarf_new_oom_handler(dwarf, give_up);
	return dwarf;
}

/* Does it need another file, and is that one there? */
static bool add_shared(struct debug_info *info)
{
	const char *name;
	const void *id;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(info->dwarf, &name, &id);

	if (size <= 0)
		return !size;
	if (!debug_file_by_build_id(id, size, &info->shared_file))
		return false;
	info->shared = begin(&info->shared_file);
	if (!info->shared)
		return false;
	dwarf_setalt(info->dwarf, info->shared);
	return true;
}

static bool add_units(struct debug_info *info, const struct memory_cap *cap)
{
	if (setjmp(memory_is_out))
		return false;
	info->units = code_units_new(info->dwarf, cap);
	return info->units;
}

/* After libdw has opened the file, so that it is unpacked. */
static void find_line_tables(struct debug_info *info, Elf *elf)
{
	static const char *const names[] = {".debug_line", ".zdebug_line"};
	GElf_Shdr header;

	for (size_t i = 0; i < 2 && !info->line_tables; i++) {
		Elf_Scn *section = elf_image_section(elf, SHT_NULL, names[i], SECTIONS_SIZE_MOST, &header);

		info->line_tables = section ? elf_getdata(section, NULL) : NULL;
	}
}

struct debug_info *debug_info_open(const struct elf_image *file, const struct memory_cap *cap)
{
	struct debug_info *info = calloc(1, sizeof(*info));

	if (!info)
		return NULL;
	info->shared_file.descriptor = -1;
	info->dwarf = begin(file);
	if (!info->dwarf || !add_shared(info) || !add_units(info, cap)) {
		debug_info_close(info);
		return NULL;
	}
	find_line_tables(info, file->elf);
	return info;
}

void debug_info_close(struct debug_info *info)
{
	if (!info)
		return;
	debug_names_free(info->names);
	code_units_free(info->units);
	dwarf_end(info->dwarf);
	dwarf_end(info->shared);
	elf_image_close(&info->shared_file);
	free(info);
}

/* Length of the line table at an offset; UINT64_MAX: there is none. */
static uint64_t line_table_size(const Elf_Data *tables, uint64_t offset)
{
	uint32_t size;
	uint64_t large;

	if (!tables || !tables->d_buf || tables->d_size < sizeof(size) || offset > tables->d_size - sizeof(size))
		return UINT64_MAX;
	memcpy(&size, (const char *)tables->d_buf + offset, sizeof(size));
	if (size != 0xffffffff)
		return size;
	if (tables->d_size - sizeof(size) - offset < sizeof(large))
		return UINT64_MAX;
	memcpy(&large, (const char *)tables->d_buf + offset + sizeof(size), sizeof(large));
	return large;
}

static bool fits_lines(struct debug_info *info, Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	Dwarf_Word offset;
	uint64_t size;

	if (!dwarf_attr(unit, DW_AT_stmt_list, &attribute) || dwarf_formudata(&attribute, &offset))
		return false;
	size = line_table_size(info->line_tables, offset);
	if (size > LINES_MOST - info->lines_read)
		return false;
	info->lines_read += size;
	return true;
}

/* libdw reads a unit's whole table and keeps it. */
static bool may_read_lines(struct debug_info *info, Dwarf_Die *unit, char *note)
{
	enum { UNKNOWN, ALLOWED, REFUSED };

	if (*note == UNKNOWN)
		*note = fits_lines(info, unit) ? ALLOWED : REFUSED;
	return *note == ALLOWED;
}

static void set_source(struct debug_place *place, const char *source)
{
	if (source && strnlen(source, PATH_LENGTH_MOST) < PATH_LENGTH_MOST)
		place->source = source;
}

static void add_line(Dwarf_Die *unit, uint64_t address, struct debug_place *place)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, address);
	int number;

	if (line)
		set_source(place, dwarf_linesrc(line, NULL, NULL));
	if (line && !dwarf_lineno(line, &number) && number > 0)
		place->line = number;
}

static Dwarf_Word number_of(Dwarf_Die *entry, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;

	if (!dwarf_attr(entry, name, &attribute) || dwarf_formudata(&attribute, &number))
		return 0;
	return number;
}

/* Where the call is that was replaced by the function. */
static void add_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct debug_place *place)
{
	Dwarf_Word line = number_of(inlined, DW_AT_call_line);
	Dwarf_Files *files;
	size_t count;

	if (dwarf_getsrcfiles(unit, &files, &count))
		return;
	set_source(place, dwarf_filesrc(files, number_of(inlined, DW_AT_call_file), NULL, NULL));
	if (line <= UINT32_MAX)
		place->line = line;
}

static size_t find_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t most)
{
	Dwarf_Die unit, scopes[SCOPES_MOST];
	char *note = most ? code_units_unit(info->units, address, &unit) : NULL;
	size_t count;
	bool has_lines;

	if (!note)
		return 0;
	has_lines = may_read_lines(info, &unit, note);
	count = code_units_scopes(info->units, address, scopes, SCOPES_MOST);
	/* Of assembly there are lines only. */
	if (!count)
		places[0] = (struct debug_place){"", "", 0, false};
	for (size_t i = 0; i < count && i < most; i++)
		places[i] =
		    (struct debug_place){debug_name(&info->names, &scopes[count - 1 - i]), "", 0, i + 1 < count};
	if (has_lines)
		add_line(&unit, address, &places[0]);
	for (size_t i = 1; has_lines && i < count && i < most; i++)
		add_call(&unit, &scopes[count - i], &places[i]);
	if (!count)
		return places[0].line != 0;
	return count < most ? count : most;
}

size_t debug_info_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t most)
{
	if (info->failed)
		return 0;
	if (setjmp(memory_is_out)) {
		info->failed = true;
		return 0;
	}
	return find_places(info, address, places, most);
}
