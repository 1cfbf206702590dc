// SPDX-License-Identifier: MIT
/* Kernel text, copied out by a BPF program, searched for what clears pages. */
#include "trace/clear_sites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include "bpf/text.h"
#include "text.skel.h"
#include "machine/kernel_symbols.h"
#include "machine/refusal.h"

/* Longest of what is looked for; stretches of text overlap by that. */
#define LONGEST 8

/* A called function, and what a call of it means. */
struct callee {
	const char *name;
	enum clear_kind kind;
	uint64_t address;
};

struct search {
	struct kernel_symbols symbols;
	struct callee callees[8];
	size_t callee_count;
	struct clear_site *sites;
	int found;
};

/* Functions by how their clearing is to be seen; the names are beginnings. */
static bool begins_with_any(const char *name, const char *const beginnings[])
{
	for (size_t i = 0; beginnings[i]; i++)
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

static bool serves_no_program(const char *function)
{
	static const char *const names[] = {"xen_", "decrease_reservation", "init_control_block", "kimage_",
	    "machine_kexec", "alloc_pgt_page", "alloc_low_pages", "swsusp_", "snapshot_", "swap_write_page",
	    "clear_or_poison", "free_", "__free_", "split_map_pages", "release_free_list", "compaction_alloc",
	    "collapse_", "copy_process", NULL};

	return begins_with_any(function, names);
}

/* Their functions are hooked whole (bpf/rung_exact.h). */
static bool clears_huge_pages(const char *function)
{
	static const char *const names[] = {
	    "folio_zero_user", "clear_huge_page", "clear_subpage", "clear_gigantic_page", "process_huge_page", NULL};

	return begins_with_any(function, names);
}

static bool allocates_pages(const char *function)
{
	static const char *const names[] = {"get_page_from_freelist", "prep_new_page", "post_alloc_hook",
	    "kernel_init_pages", "clear_highpages_kasan_tagged", "clear_pages", "__alloc_pages", "alloc_pages",
	    "__alloc_frozen_pages", "alloc_contig", NULL};

	return begins_with_any(function, names);
}

static void add_site(struct search *search, uint64_t address, size_t length, const struct callee *callee)
{
	const struct kernel_symbol *function = kernel_symbol_at(&search->symbols, address);
	struct clear_site *site = &search->sites[search->found];

	if (!function || serves_no_program(function->name) || clears_huge_pages(function->name) ||
	    search->found == CLEAR_SITES_MOST)
		return;
	*site = (struct clear_site){
	    .address = address,
	    .end = address + length,
	    .kind = callee ? callee->kind : CLEAR_RANGE,
	    .in_allocator = allocates_pages(function->name),
	};
	snprintf(site->function, sizeof(site->function), "%s", function->name);
	if (callee)
		snprintf(site->calls, sizeof(site->calls), "%s", callee->name);
	search->found++;
}

/* `call rel32` */
static void look_for_call(struct search *search, uint64_t address, const unsigned char *bytes)
{
	int32_t offset;
	uint64_t target;

	memcpy(&offset, bytes + 1, sizeof(offset));
	target = address + 5 + offset;
	for (size_t i = 0; i < search->callee_count; i++)
		if (search->callees[i].address == target)
			add_site(search, address, 5, &search->callees[i]);
}

/* clear_pages() of 7.0 on is an alternative of seven bytes; what the chosen one does not need is a no-op. */
static void look_for_inlined(struct search *search, uint64_t address, const unsigned char *bytes)
{
	static const unsigned char by_byte[] = {0xf3, 0xaa, 0x0f, 0x1f, 0x44, 0x00, 0x00}; /* rep stosb; nop */
	static const unsigned char by_word[] = {0x48, 0xc1, 0xe9, 0x03, 0xf3, 0x48, 0xab}; /* shr $3,rcx; rep stosq */

	if (!memcmp(bytes, by_byte, sizeof(by_byte)))
		add_site(search, address, 2, NULL);
	else if (!memcmp(bytes, by_word, sizeof(by_word)))
		add_site(search, address, sizeof(by_word), NULL);
}

static void look_through(struct search *search, uint64_t address, const unsigned char *text, size_t size, bool inlined)
{
	for (size_t i = 0; i + LONGEST <= size; i++) {
		if (text[i] == 0xe8)
			look_for_call(search, address + i, text + i);
		else if (inlined && (text[i] == 0xf3 || text[i] == 0x48))
			look_for_inlined(search, address + i, text + i);
	}
}

static size_t copy_text(struct text *skeleton, uint64_t address)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);

	skeleton->bss->from = address;
	if (bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.copy_text), &options))
		return 0;
	return (size_t)skeleton->bss->pages_copied * TEXT_PAGE;
}

/* Without randomised layout they are constants (Documentation/arch/x86/x86_64/mm.rst). */
static void read_bases(const struct search *search, struct text *skeleton, struct page_bases *bases)
{
	uint64_t *copy =
	    mmap(NULL, sizeof(struct text_copy), PROT_READ, MAP_SHARED, bpf_map__fd(skeleton->maps.copied), 0);

	*bases = (struct page_bases){0xffff888000000000, 0xffffea0000000000};
	if (copy == MAP_FAILED)
		return;
	if (search->symbols.page_offset_base && copy_text(skeleton, search->symbols.page_offset_base))
		bases->direct_map = *copy;
	if (search->symbols.vmemmap_base && copy_text(skeleton, search->symbols.vmemmap_base))
		bases->page_array = *copy;
	munmap(copy, sizeof(struct text_copy));
}

static int look_everywhere(struct search *search, struct text *skeleton, bool inlined, char reason[REFUSAL_TEXT])
{
	uint64_t address = search->symbols.text_start, end = search->symbols.text_end;
	unsigned char *text =
	    mmap(NULL, sizeof(struct text_copy), PROT_READ, MAP_SHARED, bpf_map__fd(skeleton->maps.copied), 0);
	int result = 0;

	if (text == MAP_FAILED)
		return refusal_say(reason, "mapping the copy of kernel text", errno);
	while (!result && address < end) {
		size_t size = copy_text(skeleton, address);

		if (size < TEXT_PAGE && address + TEXT_PAGE <= end) {
			result = refusal_say(reason, "reading kernel text", errno ? errno : EFAULT);
		} else {
			look_through(search, address, text, size, inlined);
			address += size > LONGEST ? size - LONGEST + 1 : TEXT_PAGE;
		}
	}
	munmap(text, sizeof(struct text_copy));
	return result;
}

static void find_callees(struct search *search)
{
	static const struct callee known[] = {
	    {"clear_page_erms", CLEAR_PAGE, 0},
	    {"clear_page_rep", CLEAR_PAGE, 0},
	    {"clear_page_orig", CLEAR_PAGE, 0},
	    {"__clear_pages_unrolled", CLEAR_RANGE, 0},
	    {"prep_new_page", CLEAR_CALL, 0},
	    {"post_alloc_hook", CLEAR_CALL, 0},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct callee *callee = &search->callees[search->callee_count];

		*callee = known[i];
		callee->address = kernel_symbol_address(&search->symbols, callee->name);
		if (callee->address)
			search->callee_count++;
	}
}

/* Symbols and the reader of kernel memory, which both searches begin with. */
static struct text *begin_search(struct search *search, struct page_bases *bases, char reason[REFUSAL_TEXT])
{
	struct text *skeleton;

	if (kernel_symbols_read(&search->symbols)) {
		if (errno != EPERM)
			refusal_say(reason, "reading /proc/kallsyms", errno);
		else
			snprintf(reason, REFUSAL_TEXT,
			    "/proc/kallsyms hides addresses; sysctl kernel.kptr_restrict=1 "
			    "and CAP_SYSLOG would show them");
		return NULL;
	}
	find_callees(search);
	skeleton = text__open_and_load();
	if (skeleton)
		read_bases(search, skeleton, bases);
	else
		refusal_say(reason, "loading the reader of kernel text", errno);
	return skeleton;
}

int clear_sites_find(struct clear_site sites[CLEAR_SITES_MOST], struct page_bases *bases, char reason[REFUSAL_TEXT])
{
	struct search search = {.sites = sites};
	struct text *skeleton = begin_search(&search, bases, reason);
	bool inlined = !kernel_symbol_address(&search.symbols, "clear_page_orig");
	int result = skeleton ? look_everywhere(&search, skeleton, inlined, reason) : -1;

	text__destroy(skeleton);
	kernel_symbols_free(&search.symbols);
	if (result)
		return -1;
	if (!search.found) {
		snprintf(reason, REFUSAL_TEXT, "no place that clears pages was found in kernel text");
		return -1;
	}
	return search.found;
}

/* Behind `rep stosb` or `rep stosq`; 0: it has none. */
static uint64_t end_of_clearing(struct text *skeleton, uint64_t function)
{
	static const unsigned char by_byte[] = {0xf3, 0xaa}, by_word[] = {0xf3, 0x48, 0xab};
	unsigned char *text =
	    mmap(NULL, sizeof(struct text_copy), PROT_READ, MAP_SHARED, bpf_map__fd(skeleton->maps.copied), 0);
	uint64_t end = 0;

	if (text == MAP_FAILED)
		return 0;
	if (copy_text(skeleton, function)) {
		for (size_t i = 0; !end && i < 32; i++) {
			if (!memcmp(text + i, by_byte, sizeof(by_byte)))
				end = function + i + sizeof(by_byte);
			else if (!memcmp(text + i, by_word, sizeof(by_word)))
				end = function + i + sizeof(by_word);
		}
	}
	munmap(text, sizeof(struct text_copy));
	return end;
}

/* Which of them the kernel uses is decided at boot; the one that is called is the one. */
static uint64_t called_function(struct search *search)
{
	for (int i = 0; i < search->found; i++)
		if (search->sites[i].kind == CLEAR_PAGE)
			return kernel_symbol_address(&search->symbols, search->sites[i].calls);
	return 0;
}

int clear_function_find(struct clear_function *function, char reason[REFUSAL_TEXT])
{
	static struct clear_site sites[CLEAR_SITES_MOST];
	struct search search = {.sites = sites};
	struct text *skeleton = begin_search(&search, &function->bases, reason);
	int result = skeleton ? look_everywhere(&search, skeleton, false, reason) : -1;

	function->begin = !result ? called_function(&search) : 0;
	function->end = function->begin ? end_of_clearing(skeleton, function->begin) : 0;
	text__destroy(skeleton);
	kernel_symbols_free(&search.symbols);
	if (!result && !function->end) {
		function->begin = 0;
		snprintf(reason, REFUSAL_TEXT,
		    "this kernel has no function that clears a page by rep stos (from 7.0 on it is inlined)");
		result = -1;
	}
	return result;
}
