/* SPDX-License-Identifier: MIT */
/* The kernel's functions by address, from /proc/kallsyms: its own, or with those of modules and BPF programs. */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#define KERNEL_SYMBOL_NAME 48

struct kernel_symbol {
	uint64_t address;
	char name[KERNEL_SYMBOL_NAME];
};

struct kernel_symbols {
	struct kernel_symbol *symbol; /* of text, by address */
	size_t count;
	uint64_t text_start; /* _stext */
	uint64_t text_end;   /* _etext */
	uint64_t
	    page_offset_base; /* these hold where the direct map and the array of struct page begin; 0: not there */
	uint64_t vmemmap_base;
};

/* 0, or -1 with errno set; EPERM: the addresses are hidden from us (kernel.kptr_restrict). */
int kernel_symbols_read(struct kernel_symbols *symbols);
int kernel_symbols_read_all(struct kernel_symbols *symbols);
void kernel_symbols_free(struct kernel_symbols *symbols);

uint64_t kernel_symbol_address(const struct kernel_symbols *symbols, const char *name); /* 0: there is none */

/* The function that an address lies in; NULL: none. */
const struct kernel_symbol *kernel_symbol_at(const struct kernel_symbols *symbols, uint64_t address);

#endif
