// SPDX-License-Identifier: MIT
/* With libelf, whose files may be anybody's. */
#include "symbol/elf_symbol.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum elf_symbol find_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *name)
{
	Elf_Data *data = elf_getdata(section, NULL);
	enum elf_symbol found = ELF_SYMBOL_ABSENT;
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *its = elf_strptr(elf, header->sh_link, symbol.st_name);

		if (!its || strcmp(its, name) != 0)
			continue;
		if (symbol.st_shndx != SHN_UNDEF)
			return ELF_SYMBOL_DEFINED;
		found = ELF_SYMBOL_IMPORTED;
	}
	return found;
}

enum elf_symbol elf_symbol_find(const char *path, const char *name)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum elf_symbol found = ELF_SYMBOL_ABSENT, here;
	Elf_Scn *section = NULL;
	struct stat status;
	GElf_Shdr header;
	Elf *elf = NULL;

	if (descriptor < 0)
		return found;
	if (!fstat(descriptor, &status) && S_ISREG(status.st_mode) && elf_version(EV_CURRENT) != EV_NONE)
		elf = elf_begin(descriptor, ELF_C_READ, NULL);
	while (elf && (section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) || (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
			continue;
		here = find_in(elf, section, &header, name);
		found = here > found ? here : found;
	}
	elf_end(elf);
	close(descriptor);
	return found;
}
