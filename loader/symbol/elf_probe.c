// SPDX-License-Identifier: MIT
/* Notes in .note.stapsdt: three addresses, then the provider, the name and the arguments, each ended by a zero. */
#include "symbol/elf_probe.h"

#include <string.h>

#include "symbol/elf_image.h"

#define NOTES_MOST (16UL << 20)
#define NOTE_TYPE  3
#define ADDRESSES  (3 * 8)

static bool names_it(const char *text, size_t size, const char *provider, const char *name)
{
	size_t length = strnlen(text, size);

	if (length == size || strcmp(text, provider) != 0)
		return false;
	text += length + 1;
	size -= length + 1;
	return strnlen(text, size) < size && !strcmp(text, name);
}

static bool find(const struct elf_image *image, const char *provider, const char *name)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_image_section(image->elf, SHT_NOTE, ".note.stapsdt", NOTES_MOST, &header);
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	size_t at = 0, name_at, text_at;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name_at, &text_at)) > 0)
		if (note.n_type == NOTE_TYPE && note.n_descsz > ADDRESSES &&
		    names_it(
		        (const char *)data->d_buf + text_at + ADDRESSES, note.n_descsz - ADDRESSES, provider, name))
			return true;
	return false;
}

bool elf_probe_find(const char *path, const char *provider, const char *name)
{
	int descriptor = elf_image_open_regular(path);
	struct elf_image image;
	bool found;

	if (descriptor < 0 || !elf_image_open(&image, descriptor))
		return false;
	found = find(&image, provider, name);
	elf_image_close(&image);
	return found;
}
