// SPDX-License-Identifier: MIT
/* Who owns what was mapped before a process was attached to. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/seed.h"

#define READ    0x1
#define WRITE   0x2
#define EXEC    0x4
#define SHARED  0x8
#define PROGRAM 1 /* objects */
#define LIBC    2
#define BEFORE  3
#define OTHER   4
#define LIBRARY 0x7f0000000000ULL
#define MEMORY  0x7e0000000000ULL

/* Words of the process's memory that can be read; all else is not resident. */
struct word {
	uint64_t address;
	uint64_t value;
};
static struct word words[64];
static size_t word_count;

static struct attach_mapping mappings[16];
static struct attach_thread threads[4];
static struct seed_view view;
static struct seed seed;

static int read_words(void *context, uint64_t address, void *buffer, size_t size)
{
	for (size_t at = 0; at < size; at += 8) {
		size_t i = 0;

		while (i < word_count && words[i].address != address + at)
			i++;
		if (i == word_count)
			return -1;
		memcpy((char *)buffer + at, &words[i].value, size - at < 8 ? size - at : 8);
	}
	(void)context;
	return 0;
}

static void word(uint64_t address, uint64_t value)
{
	words[word_count++] = (struct word){address, value};
}

static void bytes(uint64_t address, const void *from, size_t size)
{
	uint64_t value;

	for (size_t at = 0; at < size; at += sizeof(value)) {
		memcpy(&value, (const char *)from + at, sizeof(value));
		word(address + at, value);
	}
}

static struct attach_mapping *mapping(uint64_t start, uint64_t pages, uint64_t flags, uint32_t owner, const char *name)
{
	struct attach_mapping *m = &mappings[view.mapping_count++];

	*m = (struct attach_mapping){.space = 1, .start = start, .end = start + pages * 4096, .flags = flags};
	m->owner = owner;
	strcpy(m->name, name);
	return m;
}

static void thread(uint32_t number, uint64_t stack_pointer, uint64_t thread_pointer)
{
	threads[view.thread_count++] = (struct attach_thread){.process = 10,
	    .thread = number,
	    .space = 1,
	    .stack_pointer = stack_pointer,
	    .thread_pointer = thread_pointer};
}

static int clear(void **state)
{
	view = (struct seed_view){.mappings = mappings, .threads = threads, .read = read_words};
	word_count = 0;
	(void)state;
	return 0;
}

static int release(void **state)
{
	seed_free(&seed);
	(void)state;
	return 0;
}

/* Whose a page is: the first range's that has it. */
static uint32_t owner_of(uint64_t address)
{
	for (size_t i = 0; i < seed.count; i++)
		if (address >= seed.ranges[i].start && address < seed.ranges[i].end)
			return seed.ranges[i].owner;
	return OWNER_NONE;
}

static void make(void)
{
	assert_int_equal(seed_make(&seed, &view), 0);
}

static void libc(void)
{
	mapping(LIBRARY, 10, READ, OWNER(OWNER_IMAGE_READONLY, LIBC), "libc.so.6");
	mapping(LIBRARY + 0xa000, 10, READ | EXEC, OWNER(OWNER_IMAGE_TEXT, LIBC), "libc.so.6");
	mapping(LIBRARY + 0x14000, 2, READ | WRITE, OWNER(OWNER_IMAGE_DATA, LIBC), "libc.so.6");
}

static void anonymous(uint64_t start, uint64_t pages)
{
	mapping(start, pages, READ | WRITE, OWNER(OWNER_ANON, BEFORE), "");
}

static void unknown_memory_stays_unknown(void **state)
{
	anonymous(MEMORY, 100);
	libc();
	make();
	assert_int_equal(owner_of(MEMORY + 4096), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void one_other_allocator_owns_it(void **state)
{
	anonymous(MEMORY, 100);
	mapping(MEMORY + 0x1000000, 4, READ | EXEC, OWNER(OWNER_IMAGE_TEXT, OTHER), "libjemalloc.so.2");
	libc();
	make();
	assert_int_equal(owner_of(MEMORY + 4096), OWNER(OWNER_ANON, OTHER));
	(void)state;
}

static void of_two_allocators_none_is_guessed(void **state)
{
	anonymous(MEMORY, 100);
	mapping(MEMORY + 0x1000000, 4, READ | EXEC, OWNER(OWNER_IMAGE_TEXT, OTHER), "libjemalloc.so.2");
	mapping(MEMORY + 0x2000000, 4, READ | EXEC, OWNER(OWNER_IMAGE_TEXT, OTHER + 1), "libmimalloc.so.2");
	make();
	assert_int_equal(owner_of(MEMORY + 4096), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void a_thread_has_its_stack_and_its_tls(void **state)
{
	uint64_t pointer = MEMORY + 100 * 4096 - 0x900, dtv = MEMORY - 0x100000;

	anonymous(MEMORY, 100);
	thread(11, MEMORY + 80 * 4096, pointer);
	word(pointer + 8, dtv);
	/* Its one block begins 3 pages below. A pointer elsewhere is a block that dlopen allocated. */
	for (int i = 0; i < 4; i++)
		word(dtv + 8 * i, i == 2 ? pointer - 3 * 4096 : 0x1000);
	make();
	assert_int_equal(owner_of(pointer), OWNER(OWNER_TLS_THREAD, 0));
	assert_int_equal(owner_of(pointer - 3 * 4096), OWNER(OWNER_TLS_THREAD, 0));
	assert_int_equal(owner_of(pointer - 4 * 4096), OWNER(OWNER_STACK_THREAD, 0));
	assert_int_equal(owner_of(MEMORY), OWNER(OWNER_STACK_THREAD, 0));
	(void)state;
}

static void neighbouring_stacks_are_told_apart(void **state)
{
	anonymous(MEMORY, 200);
	thread(11, MEMORY + 80 * 4096, MEMORY + 100 * 4096 - 0x900);
	thread(12, MEMORY + 180 * 4096, MEMORY + 200 * 4096 - 0x900);
	make();
	assert_int_equal(owner_of(MEMORY + 99 * 4096), OWNER(OWNER_TLS_THREAD, 0));
	assert_int_equal(owner_of(MEMORY + 100 * 4096), OWNER(OWNER_STACK_THREAD, 0));
	assert_int_equal(owner_of(MEMORY + 199 * 4096), OWNER(OWNER_TLS_THREAD, 0));
	(void)state;
}

static void a_thread_that_runs_elsewhere_has_no_stack_there(void **state)
{
	anonymous(MEMORY, 100);
	anonymous(MEMORY + 0x1000000, 100);
	thread(11, MEMORY + 0x1000000 + 4096, MEMORY + 100 * 4096 - 0x900);
	make();
	assert_int_equal(owner_of(MEMORY), OWNER(OWNER_ANON, BEFORE));
	assert_int_equal(owner_of(MEMORY + 0x1000000), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void the_first_threads_tls_is_mains(void **state)
{
	anonymous(MEMORY, 3);
	thread(10, 0x7ffc00000000, MEMORY + 0x740);
	make();
	assert_int_equal(owner_of(MEMORY), OWNER(OWNER_TLS_MAIN, 0));
	assert_int_equal(owner_of(MEMORY + 0x2000), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void the_brk_heap_is_libcs_and_what_is_before_it_is_bss(void **state)
{
	struct attach_mapping *heap;

	mapping(0x400000, 4, READ | EXEC, OWNER(OWNER_PROGRAM_TEXT, PROGRAM), "program");
	heap = mapping(0x500000, 20, READ | WRITE, OWNER(OWNER_BREAK, 0), "");
	heap->break_start = 0x504000;
	heap->break_end = heap->end;
	libc();
	make();
	assert_int_equal(owner_of(0x503000), OWNER(OWNER_PROGRAM_BSS, PROGRAM));
	assert_int_equal(owner_of(0x504000), OWNER(OWNER_BREAK, LIBC));
	(void)state;
}

static void a_static_programs_heap_is_its_own(void **state)
{
	mapping(0x400000, 4, READ | EXEC, OWNER(OWNER_PROGRAM_TEXT, PROGRAM), "program");
	mapping(0x500000, 20, READ | WRITE, OWNER(OWNER_BREAK, 0), "")->break_start = 0x500000;
	make();
	assert_int_equal(owner_of(0x501000), OWNER(OWNER_BREAK, PROGRAM));
	(void)state;
}

static void an_arena_is_64_mib_with_a_header(void **state)
{
	uint64_t arena = 0x7e0004000000;

	anonymous(arena, 33);
	mapping(arena + 33 * 4096, 16384 - 33, 0, OWNER(OWNER_ANON, BEFORE), "");
	for (int i = 0; i < 4; i++)
		word(arena + 8 * i, i < 2 ? arena : 33 * 4096);
	libc();
	make();
	assert_int_equal(owner_of(arena), OWNER(OWNER_ARENA, LIBC));
	assert_int_equal(owner_of(arena + 0x3fff000), OWNER(OWNER_ARENA, LIBC));
	(void)state;
}

static void what_only_looks_like_an_arena_is_none(void **state)
{
	uint64_t arena = 0x7e0004000000;

	anonymous(arena, 16384);
	for (int i = 0; i < 4; i++)
		word(arena + 8 * i, 12345);
	libc();
	make();
	assert_int_equal(owner_of(arena), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void chunks_that_malloc_mapped_are_libcs(void **state)
{
	anonymous(MEMORY, 100);
	word(MEMORY, 0);
	word(MEMORY + 8, 20 * 4096 | 2);
	word(MEMORY + 20 * 4096, 0);
	word(MEMORY + 20 * 4096 + 8, 30 * 4096 | 2);
	word(MEMORY + 50 * 4096, 0);
	word(MEMORY + 50 * 4096 + 8, 500 * 4096 | 2); /* longer than the mapping */
	libc();
	make();
	assert_int_equal(owner_of(MEMORY), OWNER(OWNER_ANON, LIBC));
	assert_int_equal(owner_of(MEMORY + 49 * 4096), OWNER(OWNER_ANON, LIBC));
	assert_int_equal(owner_of(MEMORY + 50 * 4096), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void bss_ends_where_the_image_does(void **state)
{
	Elf64_Ehdr header = {.e_ident = ELFMAG, .e_phoff = 64, .e_phnum = 1};
	Elf64_Phdr segment = {.p_type = PT_LOAD, .p_memsz = 0x18000};

	libc();
	anonymous(LIBRARY + 0x16000, 10);
	bytes(LIBRARY, &header, sizeof(header));
	bytes(LIBRARY + 64, &segment, sizeof(segment));
	make();
	assert_int_equal(owner_of(LIBRARY + 0x17000), OWNER(OWNER_IMAGE_BSS, LIBC));
	assert_int_equal(owner_of(LIBRARY + 0x18000), OWNER(OWNER_ANON, BEFORE));
	(void)state;
}

static void a_private_file_without_code_is_a_file(void **state)
{
	mapping(MEMORY, 10, READ, OWNER(OWNER_IMAGE_READONLY, OTHER), "locale-archive");
	mapping(MEMORY + 0x100000, 10, READ | WRITE | SHARED, OWNER(OWNER_FILE, OTHER + 1), "dev/zero");
	libc();
	make();
	assert_int_equal(owner_of(MEMORY), OWNER(OWNER_FILE, OTHER));
	assert_int_equal(owner_of(MEMORY + 0x100000), OWNER(OWNER_SHARED, 0));
	assert_int_equal(owner_of(LIBRARY), OWNER(OWNER_IMAGE_READONLY, LIBC));
	(void)state;
}

static void the_main_stack_is_never_entered(void **state)
{
	mapping(0x7ffc00000000, 33, READ | WRITE, OWNER(OWNER_STACK_MAIN, 0), "");
	make();
	assert_int_equal(seed.count, 0);
	(void)state;
}

static void libhakmems_table_is_found_by_its_head(void **state)
{
	libc();
	mappings[0].owner = mappings[1].owner = mappings[2].owner = OWNER(OWNER_IMAGE_DATA, OTHER);
	word(LIBRARY + 0x5000, HAKMEM_MAP_MAGIC); /* of another version */
	word(LIBRARY + 0x5008, (uint64_t)sizeof(struct hakmem_map) << 32 | (HAKMEM_MAP_VERSION + 1));
	word(LIBRARY + 0x15000, HAKMEM_MAP_MAGIC);
	word(LIBRARY + 0x15008, (uint64_t)sizeof(struct hakmem_map) << 32 | HAKMEM_MAP_VERSION);
	mappings[1].flags = READ | EXEC;
	make();
	assert_int_equal(seed.map, LIBRARY + 0x15000);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(unknown_memory_stays_unknown, clear, release),
	    cmocka_unit_test_setup_teardown(one_other_allocator_owns_it, clear, release),
	    cmocka_unit_test_setup_teardown(of_two_allocators_none_is_guessed, clear, release),
	    cmocka_unit_test_setup_teardown(a_thread_has_its_stack_and_its_tls, clear, release),
	    cmocka_unit_test_setup_teardown(neighbouring_stacks_are_told_apart, clear, release),
	    cmocka_unit_test_setup_teardown(a_thread_that_runs_elsewhere_has_no_stack_there, clear, release),
	    cmocka_unit_test_setup_teardown(the_first_threads_tls_is_mains, clear, release),
	    cmocka_unit_test_setup_teardown(the_brk_heap_is_libcs_and_what_is_before_it_is_bss, clear, release),
	    cmocka_unit_test_setup_teardown(a_static_programs_heap_is_its_own, clear, release),
	    cmocka_unit_test_setup_teardown(an_arena_is_64_mib_with_a_header, clear, release),
	    cmocka_unit_test_setup_teardown(what_only_looks_like_an_arena_is_none, clear, release),
	    cmocka_unit_test_setup_teardown(chunks_that_malloc_mapped_are_libcs, clear, release),
	    cmocka_unit_test_setup_teardown(bss_ends_where_the_image_does, clear, release),
	    cmocka_unit_test_setup_teardown(a_private_file_without_code_is_a_file, clear, release),
	    cmocka_unit_test_setup_teardown(the_main_stack_is_never_entered, clear, release),
	    cmocka_unit_test_setup_teardown(libhakmems_table_is_found_by_its_head, clear, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
