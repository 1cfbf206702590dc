// SPDX-License-Identifier: MIT
/* Not with libdwfl, which unpacks whatever is there: a few KiB can be made to hold more than a machine's memory. */
#include "symbol/mini_debug.h"

#include <lzma.h>
#include <stdlib.h>

#define PACKED_MOST   (64ULL << 20)
#define UNPACKED_MOST (64ULL << 20)  /* the largest known have some 20 MiB */
#define DECODER_MOST  (128ULL << 20) /* what the decoder may take, for its dictionary above all */

static lzma_ret unpack(const Elf_Data *data, void *bytes, size_t room, size_t *size)
{
	uint64_t decoder = DECODER_MOST;
	size_t in = 0;

	*size = 0;
	return lzma_stream_buffer_decode(&decoder, 0, NULL, data->d_buf, &in, data->d_size, bytes, size, room);
}

/* Its length is not written in front of it: try with more and more room. */
bool mini_debug_open(Elf *elf, struct elf_image *file)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_image_section(elf, SHT_PROGBITS, ".gnu_debugdata", PACKED_MOST, &header);
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	lzma_ret status = data && data->d_buf ? LZMA_BUF_ERROR : LZMA_DATA_ERROR;

	for (size_t room = 1 << 20; status == LZMA_BUF_ERROR && room <= UNPACKED_MOST; room *= 4) {
		void *bytes = malloc(room);
		size_t size;

		status = bytes ? unpack(data, bytes, room, &size) : LZMA_MEM_ERROR;
		if (status == LZMA_OK)
			return elf_image_open_bytes(file, bytes, size);
		free(bytes);
	}
	return false;
}
