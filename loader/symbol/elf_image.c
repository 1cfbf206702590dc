// SPDX-License-Identifier: MIT
#include "symbol/elf_image.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest known, browsers with all their debugging information, have a few GiB. */
#define FILE_MOST (8ULL << 30)
/* A linker joins sections of a name, so that a program has some tens of them. */
#define SECTIONS_MOST (1ULL << 20)
/* Of a file that counts as full. File systems that compress can store one in less than it has. */
#define FULL_SHARE 8
#define SMALL_FILE (64ULL << 20)

int elf_image_open_regular(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (descriptor < 0)
		return -1;
	if (!fstat(descriptor, &status) && S_ISREG(status.st_mode))
		return descriptor;
	close(descriptor);
	return -1;
}

/* How many sections are said to be there; UINT64_MAX: it is no file of this machine's byte order. */
static uint64_t sections_said(const void *head, size_t size, int descriptor)
{
	const unsigned char *ident = head;
	const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	Elf64_Shdr first64;
	Elf32_Shdr first32;

	if (size < sizeof(Elf32_Ehdr) || memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != order)
		return UINT64_MAX;
	if (ident[EI_CLASS] == ELFCLASS32) {
		const Elf32_Ehdr *header = head;

		if (header->e_shnum || !header->e_shoff || descriptor < 0)
			return header->e_shnum;
		return pread(descriptor, &first32, sizeof(first32), header->e_shoff) == sizeof(first32)
		           ? first32.sh_size
		           : 0;
	}
	if (ident[EI_CLASS] == ELFCLASS64 && size >= sizeof(Elf64_Ehdr)) {
		const Elf64_Ehdr *header = head;

		if (header->e_shnum || !header->e_shoff || descriptor < 0)
			return header->e_shnum;
		return pread(descriptor, &first64, sizeof(first64), header->e_shoff) == sizeof(first64)
		           ? first64.sh_size
		           : 0;
	}
	return UINT64_MAX;
}

static bool is_sensible(int descriptor)
{
	Elf64_Ehdr head;
	struct stat status;
	ssize_t size;

	if (fstat(descriptor, &status) || !S_ISREG(status.st_mode) || (uint64_t)status.st_size > FILE_MOST)
		return false;
	if ((uint64_t)status.st_size > SMALL_FILE && status.st_blocks * 512 < status.st_size / FULL_SHARE)
		return false;
	size = pread(descriptor, &head, sizeof(head), 0);
	return size > 0 && sections_said(&head, size, descriptor) <= SECTIONS_MOST;
}

static bool add_segments(struct elf_image *image)
{
	size_t count = 0;
	GElf_Phdr header;

	if (elf_getphdrnum(image->elf, &count) || count > SECTIONS_MOST)
		return false;
	image->segments = calloc(count + 1, sizeof(*image->segments));
	if (!image->segments)
		return false;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(image->elf, i, &header) && header.p_type == PT_LOAD)
			image->segments[image->segment_count++] =
			    (struct elf_segment){header.p_offset, header.p_filesz, header.p_vaddr};
	return true;
}

static bool finish(struct elf_image *image)
{
	if (image->elf && elf_kind(image->elf) == ELF_K_ELF && add_segments(image))
		return true;
	elf_image_close(image);
	return false;
}

bool elf_image_open(struct elf_image *image, int descriptor)
{
	*image = (struct elf_image){.descriptor = descriptor};
	if (descriptor >= 0 && is_sensible(descriptor) && elf_version(EV_CURRENT) != EV_NONE)
		image->elf = elf_begin(descriptor, ELF_C_READ, NULL);
	return finish(image);
}

bool elf_image_open_bytes(struct elf_image *image, void *bytes, size_t size)
{
	*image = (struct elf_image){.descriptor = -1, .bytes = bytes};
	if (bytes && sections_said(bytes, size, -1) != UINT64_MAX && elf_version(EV_CURRENT) != EV_NONE)
		image->elf = elf_memory(bytes, size);
	return finish(image);
}

void elf_image_close(struct elf_image *image)
{
	elf_end(image->elf);
	if (image->descriptor >= 0)
		close(image->descriptor);
	free(image->bytes);
	free(image->segments);
	*image = (struct elf_image){.descriptor = -1};
}

uint64_t elf_image_address(const struct elf_image *image, uint64_t file_offset)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (file_offset >= segment->offset && file_offset - segment->offset < segment->size)
			return file_offset - segment->offset + segment->address;
	}
	return UINT64_MAX;
}

size_t elf_image_build_id(const struct elf_image *image, const unsigned char **id)
{
	const void *found = NULL;
	ssize_t size = image->elf ? dwelf_elf_gnu_build_id(image->elf, &found) : 0;

	*id = found;
	return size > 0 && found ? size : 0;
}

Elf_Scn *elf_image_section(Elf *elf, GElf_Word type, const char *name, uint64_t most, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *is;

		if (!gelf_getshdr(section, header) || (type != SHT_NULL && header->sh_type != type) ||
		    header->sh_type == SHT_NOBITS || header->sh_size > most)
			continue;
		is = name ? elf_strptr(elf, names, header->sh_name) : NULL;
		if (!name || (is && !strcmp(is, name)))
			return section;
	}
	return NULL;
}
