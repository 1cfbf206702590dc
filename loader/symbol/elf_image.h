/* SPDX-License-Identifier: MIT */
/*
 * An ELF file, or an image of one in memory, opened with libelf to be read. It may be anybody's and made to hurt: what
 * is larger than any program, mostly holes, or has more sections than any linker makes is refused before libelf
 * allocates for it; and it is read, not mapped, so that one that is cut short meanwhile gives errors and no SIGBUS.
 */
#ifndef ELF_IMAGE_H
#define ELF_IMAGE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_segment {
	uint64_t offset, size, address;
};

struct elf_image {
	int descriptor; /* -1: none */
	void *bytes;    /* of an image; NULL: none */
	Elf *elf;
	struct elf_segment *segments;
	size_t segment_count;
};

/* The descriptor of a regular file, or -1. Never waits, whatever lies there. */
int elf_image_open_regular(const char *path);

/*
 * Takes the descriptor, or the bytes, which are malloc's, over. False: it is no ELF file, or memory is out; they are
 * gone then, too, and the image is empty, which can be closed.
 */
bool elf_image_open(struct elf_image *image, int descriptor);
bool elf_image_open_bytes(struct elf_image *image, void *bytes, size_t size);

void elf_image_close(struct elf_image *image);

/* Where a byte of the file is in the address space that its symbols talk of; UINT64_MAX: nowhere. */
uint64_t elf_image_address(const struct elf_image *image, uint64_t file_offset);

/* Where its build-id is, and its length; 0: it has none. */
size_t elf_image_build_id(const struct elf_image *image, const unsigned char **id);

/* The first section of that type (SHT_NULL: any), that name (NULL: any) and not more than so many bytes; NULL: none. */
Elf_Scn *elf_image_section(Elf *elf, GElf_Word type, const char *name, uint64_t most, GElf_Shdr *header);

#endif
