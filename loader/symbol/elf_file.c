// SPDX-License-Identifier: MIT
/* With libelf, whose files may be anybody's: whatever it refuses is no ELF file to us. */
#include "symbol/elf_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_malloc(Elf *elf, size_t strings, const GElf_Sym *symbol, const char *name)
{
	const char *text = symbol->st_shndx != SHN_UNDEF ? elf_strptr(elf, strings, symbol->st_name) : NULL;

	return text && !strcmp(text, name);
}

static bool exports_malloc(Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	bool allocates = false, frees = false;
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
			continue;
		allocates = allocates || is_malloc(elf, header->sh_link, &symbol, "malloc");
		frees = frees || is_malloc(elf, header->sh_link, &symbol, "free");
	}
	return allocates && frees;
}

/* A position-independent program says so (since binutils 2.26); else it looks like a shared library. */
static bool says_program(Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++)
		if (entry.d_tag == DT_FLAGS_1)
			return entry.d_un.d_val & DF_1_PIE;
	return false;
}

static bool has_interpreter(Elf *elf)
{
	GElf_Phdr header;
	size_t count = 0;

	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, i, &header) && header.p_type == PT_INTERP)
			return true;
	return false;
}

static void read_facts(Elf *elf, struct elf_facts *facts)
{
	Elf_Scn *section = NULL;
	bool interpreted = has_interpreter(elf);
	GElf_Shdr header;
	GElf_Ehdr file;

	facts->is_stripped = true;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_SYMTAB)
			facts->is_stripped = false;
		if (header.sh_type == SHT_DYNSYM)
			facts->exports_malloc = exports_malloc(elf, section, &header);
		if (header.sh_type == SHT_DYNAMIC)
			facts->is_program = says_program(section);
	}
	/* libc.so can be run as a program, too, and has an interpreter: it is none. */
	if (gelf_getehdr(elf, &file) && file.e_type == ET_EXEC)
		facts->is_program = true;
	facts->is_32_bit = gelf_getclass(elf) == ELFCLASS32;
	facts->is_static = facts->is_program && !interpreted;
}

bool elf_file_read(const char *path, uint64_t inode, struct elf_facts *facts)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	Elf *elf = NULL;

	*facts = (struct elf_facts){};
	if (descriptor < 0)
		return false;
	if (!fstat(descriptor, &status) && S_ISREG(status.st_mode) && status.st_ino == inode &&
	    elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(descriptor, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF) {
		read_facts(elf, facts);
	} else {
		elf_end(elf);
		elf = NULL;
	}
	elf_end(elf);
	close(descriptor);
	return elf;
}
