/* SPDX-License-Identifier: MIT */
/* A file's debugging information (DWARF): source lines, functions and the calls inlined into them, by address. */
#ifndef DEBUG_INFO_H
#define DEBUG_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/elf_image.h"
#include "symbol/memory_cap.h"

struct debug_info;

struct debug_place {
	const char *name;   /* as the linker knows it, else as the source has it; "": not known */
	const char *source; /* "": not known */
	uint32_t line;      /* 0: not known */
	bool inlined;       /* into the next place's function */
};

/*
 * The file stays the caller's, who keeps it, and so does the cap, which is on in every call. NULL: it has none, more
 * than is read, or memory is out.
 */
struct debug_info *debug_info_open(const struct elf_image *file, const struct memory_cap *cap);

void debug_info_close(struct debug_info *info);

/* Inlined functions first, at most so many; 0: nothing is known. Strings live as long as the information. */
size_t debug_info_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t most);

#endif
