// SPDX-License-Identifier: MIT
/* By .eh_frame_hdr, which every linker makes: a sorted table of where functions begin. See frame_pointers.h. */
#include "symbol/frame_pointers.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Of its header (Linux Standard Base, "The .eh_frame_hdr section"): pairs of 32-bit offsets from the section. */
#define VERSION       1
#define TABLE_ENCODED 0x3b
#define TABLE_START   12

#define FUNCTIONS_LOOKED_AT 4096
#define CODE_LOOKED_AT      24 /* bytes of each */
#define PUSH_RBP            0x55

/* The file's bytes that are loaded at an address; NULL: there are not so many. */
static const unsigned char *bytes_at(Elf *elf, uint64_t address, size_t count)
{
	size_t segments;
	GElf_Phdr header;

	if (elf_getphdrnum(elf, &segments))
		return NULL;
	for (size_t i = 0; i < segments; i++)
		if (gelf_getphdr(elf, i, &header) && header.p_type == PT_LOAD && address >= header.p_vaddr &&
		    address - header.p_vaddr < header.p_filesz &&
		    header.p_filesz - (address - header.p_vaddr) >= count) {
			Elf_Data *data =
			    elf_getdata_rawchunk(elf, header.p_offset + (address - header.p_vaddr), count, ELF_T_BYTE);

			return data && data->d_size == count ? data->d_buf : NULL;
		}
	return NULL;
}

/* push %rbp, perhaps behind an endbr64, and soon mov %rsp,%rbp. */
static bool begins_a_frame(const unsigned char *code)
{
	static const unsigned char endbr[] = {0xf3, 0x0f, 0x1e, 0xfa}, move[] = {0x48, 0x89, 0xe5};
	const unsigned char *end = code + CODE_LOOKED_AT;

	if (!memcmp(code, endbr, sizeof(endbr)))
		code += sizeof(endbr);
	return *code == PUSH_RBP && memmem(code, end - code, move, sizeof(move));
}

static bool mostly_begin_frames(Elf *elf, uint64_t address, const unsigned char *table, uint64_t size)
{
	uint32_t count, looked = 0, kept = 0;

	memcpy(&count, table + TABLE_START - sizeof(count), sizeof(count));
	if (count > (size - TABLE_START) / 8)
		return false;
	for (uint32_t i = 0; i < count; i += count / FUNCTIONS_LOOKED_AT + 1) {
		const unsigned char *code;
		int32_t offset;

		memcpy(&offset, table + TABLE_START + 8 * (uint64_t)i, sizeof(offset));
		code = bytes_at(elf, address + offset, CODE_LOOKED_AT);
		looked += code != NULL;
		kept += code && begins_a_frame(code);
	}
	/* Without them a few per cent have some by chance; with them the smallest functions have none. */
	return looked && kept >= looked / 2;
}

static bool look(Elf *elf)
{
	size_t segments;
	GElf_Phdr header;
	GElf_Ehdr file;

	if (!gelf_getehdr(elf, &file) || file.e_machine != EM_X86_64 || elf_getphdrnum(elf, &segments))
		return false;
	for (size_t i = 0; i < segments; i++) {
		const unsigned char *table;

		if (!gelf_getphdr(elf, i, &header) || header.p_type != PT_GNU_EH_FRAME || header.p_filesz < TABLE_START)
			continue;
		table = bytes_at(elf, header.p_vaddr, header.p_filesz);
		return table && table[0] == VERSION && table[3] == TABLE_ENCODED &&
		       mostly_begin_frames(elf, header.p_vaddr, table, header.p_filesz);
	}
	return false;
}

bool frame_pointers_kept(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	bool kept;
	Elf *elf;

	if (descriptor < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(descriptor, ELF_C_READ, NULL);
	kept = elf && look(elf);
	elf_end(elf);
	close(descriptor);
	return kept;
}
