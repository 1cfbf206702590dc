// SPDX-License-Identifier: MIT
/* Own stack and own libraries, looked at once. */
#include "process/main_call.h"

#include <link.h>
#include <stddef.h>

static struct main_call known;

/* The library that an address lies in. */
struct library {
	uintptr_t address;
	uintptr_t base;
};

static int find_library(struct dl_phdr_info *information, size_t size, void *context)
{
	struct library *library = context;
	uintptr_t first = 0;

	(void)size;
	for (int i = information->dlpi_phnum - 1; i >= 0; i--)
		if (information->dlpi_phdr[i].p_type == PT_LOAD)
			first = information->dlpi_addr + information->dlpi_phdr[i].p_vaddr;
	for (int i = 0; i < information->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &information->dlpi_phdr[i];
		uintptr_t start = information->dlpi_addr + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || library->address < start ||
		    library->address >= start + segment->p_memsz)
			continue;
		/* A static program calls its main itself, and no other program does from there. */
		if (information->dlpi_name && information->dlpi_name[0])
			library->base = first;
		return 1;
	}
	return 0;
}

void main_call_learn(char *const *arguments, const void *return_address, const void *frame)
{
	/* The kernel puts the number of arguments where the stack pointer is at first, and the arguments above it. */
	const uintptr_t *top = (const uintptr_t *)arguments - 1, *slot = frame;
	struct library library = {.address = (uintptr_t)return_address};

	while (slot < top && *slot != library.address)
		slot++;
	if (slot >= top)
		return;
	dl_iterate_phdr(find_library, &library);
	if (!library.base)
		return;
	known.depth = (uintptr_t)top - (uintptr_t)slot;
	known.offset = library.address - library.base;
}

struct main_call main_call_known(void)
{
	return known;
}
