/* SPDX-License-Identifier: MIT */
/*
 * The places in the running kernel's text where it clears pages, for the exact rung. Up to 6.19 they are calls of
 * clear_page_erms, _rep or _orig; from 7.0 on `rep stosb` (or `rep stosq`, or a call of __clear_pages_unrolled) in
 * their stead. Which of these the CPU got is decided at boot, so the text is read from memory.
 */
#ifndef CLEAR_SITES_H
#define CLEAR_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "trace/rung.h"

enum clear_kind {
	CLEAR_PAGE,  /* page address in rdi */
	CLEAR_RANGE, /* address in rdi, bytes in rcx */
	CLEAR_CALL,  /* a call of a function of the page allocator that clears, with (page, order, gfp) */
};

struct clear_site {
	uint64_t address;
	uint64_t end; /* of its last instruction */
	enum clear_kind kind;
	bool in_allocator; /* of pages: what for is known from the allocation under way */
	char function[48]; /* that it lies in */
	char calls[32];    /* CLEAR_CALL: the function that it calls */
};

#define CLEAR_SITES_MOST 64

/* Where a page's address and its struct page are counted from. */
struct page_bases {
	uint64_t direct_map;
	uint64_t page_array;
};

/*
 * Returns how many were found, or -1 with what went wrong in `reason`. Left out are places that serve no program
 * (hibernation, kexec, Xen, freeing) and the loops that clear huge pages, whose functions can be hooked themselves.
 */
int clear_sites_find(struct clear_site sites[CLEAR_SITES_MOST], struct page_bases *bases, char reason[REFUSAL_TEXT]);

/* The clearing function that the page allocator calls (up to 6.19), and where its clearing is done. */
struct clear_function {
	uint64_t begin;
	uint64_t end;
	struct page_bases bases;
};

int clear_function_find(struct clear_function *function, char reason[REFUSAL_TEXT]);

#endif
