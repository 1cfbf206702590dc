// SPDX-License-Identifier: MIT
/* Functions by their place in a file: with a symbol table, without one, and in glibc's malloc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/elf_symbols.h"
#include "symbol/hakmem_functions.h"

/* A file that is mapped into us, and where an address of ours lies in it. */
struct mapped {
	const void *address;
	uint64_t offset;
	char path[4096];
};

static bool find_file(struct mapped *mapped)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t start, end, offset, wanted = (uintptr_t)mapped->address;
	char line[5000];
	bool found = false;

	while (!found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %4095s", &start, &end, &offset, mapped->path) == 4)
			found = wanted >= start && wanted < end;
	fclose(maps);
	mapped->offset = wanted - start + offset;
	return found;
}

static struct elf_symbols *symbols_of(struct mapped *mapped, const void *address)
{
	struct elf_symbols *symbols;

	mapped->address = address;
	assert_true(find_file(mapped));
	symbols = elf_symbols_open(mapped->path, 0);
	assert_non_null(symbols);
	return symbols;
}

static void a_static_function_of_ours(void **state)
{
	struct mapped mapped;
	struct elf_symbols *symbols = symbols_of(&mapped, (const void *)(uintptr_t)find_file);
	const struct elf_function *function = elf_symbols_at(symbols, mapped.offset + 1);

	(void)state;
	assert_true(elf_symbols_complete(symbols));
	assert_non_null(function);
	assert_string_equal(function->name, "find_file");
	assert_true(function->local);
	assert_string_equal(function->source, "elf_symbols.c");
	/* Its first byte is its own, the one before isn't. */
	assert_ptr_equal(elf_symbols_at(symbols, mapped.offset), function);
	assert_ptr_not_equal(elf_symbols_at(symbols, mapped.offset - 1), function);
	assert_ptr_equal(elf_symbols_at(symbols, mapped.offset + function->size - 1), function);
	assert_ptr_not_equal(elf_symbols_at(symbols, mapped.offset + function->size), function);
	assert_null(elf_symbols_at(symbols, 1UL << 40));
	assert_null(elf_symbols_named(symbols, "no_such_function"));
	elf_symbols_close(symbols);
}

static void bytes_of_the_file(void **state)
{
	struct mapped mapped;
	struct elf_symbols *symbols = symbols_of(&mapped, (const void *)(uintptr_t)find_file);
	char bytes[16];

	(void)state;
	assert_true(elf_symbols_read(symbols, mapped.offset, bytes, sizeof(bytes)));
	assert_memory_equal(bytes, mapped.address, sizeof(bytes));
	assert_false(elf_symbols_read(symbols, 1UL << 40, bytes, sizeof(bytes)));
	elf_symbols_close(symbols);
}

static const char *function_at(const struct elf_symbols *symbols, const char *base, const void *address)
{
	const struct elf_function *function = elf_symbols_at(symbols, (const char *)address - base);

	return function ? function->name : "";
}

/* By dlsym: a program's own address of malloc may be that of its PLT. Its first segment begins at offset 0. */
static void the_c_librarys_malloc(void **state)
{
	struct mapped mapped;
	void *allocate = dlsym(RTLD_NEXT, "malloc"), *copy = dlsym(RTLD_NEXT, "qsort");
	struct elf_symbols *symbols = symbols_of(&mapped, allocate);
	const char *base = (const char *)allocate - mapped.offset;

	(void)state;
	if (!elf_symbols_named(symbols, "gnu_get_libc_version"))
		skip();
	assert_string_equal(function_at(symbols, base, allocate), "malloc");
	assert_string_equal(function_at(symbols, base, dlsym(RTLD_NEXT, "free")), "free");
	assert_true(elf_symbols_in_glibc_malloc(symbols, mapped.offset));
	assert_true(elf_symbols_in_glibc_malloc(symbols, (char *)dlsym(RTLD_NEXT, "malloc_info") - base));
	assert_false(elf_symbols_in_glibc_malloc(symbols, (char *)copy - base));
	elf_symbols_close(symbols);
}

static void a_stripped_file_has_its_exported_functions(void **state)
{
	char command[9000], path[] = "/tmp/hakmem-symbols-XXXXXX";
	int descriptor = mkstemp(path);
	struct mapped mapped;
	struct elf_symbols *symbols;

	(void)state;
	elf_symbols_close(symbols_of(&mapped, (const void *)(uintptr_t)find_file));
	snprintf(command, sizeof(command), "strip -R .note.gnu.build-id -o %s %s", path, mapped.path);
	if (system(command))
		skip();
	symbols = elf_symbols_open(path, 0);
	assert_non_null(symbols);
	assert_false(elf_symbols_complete(symbols));
	assert_null(elf_symbols_named(symbols, "find_file"));
	assert_null(elf_symbols_at(symbols, mapped.offset)); /* and not the nearest exported one */
	elf_symbols_close(symbols);
	close(descriptor);
	unlink(path);
}

static void the_kernels_own_image(void **state)
{
	const Elf64_Ehdr *image = (const void *)getauxval(AT_SYSINFO_EHDR);
	struct elf_symbols *symbols;

	(void)state;
	if (!image)
		skip();
	symbols = elf_symbols_open_image(image, image->e_shoff + image->e_shnum * image->e_shentsize);
	assert_non_null(symbols);
	assert_non_null(elf_symbols_named(symbols, "__vdso_clock_gettime"));
	elf_symbols_close(symbols);
}

static void what_is_no_elf_file(void **state)
{
	struct mapped mapped;
	struct stat status;

	(void)state;
	assert_null(elf_symbols_open("/proc/self/status", 0));
	assert_null(elf_symbols_open("/dev/null", 0));
	assert_null(elf_symbols_open("/no/such/file", 0));
	assert_null(elf_symbols_open_image("no image", 8));
	/* Another file by that name than the one that is meant. */
	elf_symbols_close(symbols_of(&mapped, (const void *)(uintptr_t)find_file));
	assert_int_equal(stat(mapped.path, &status), 0);
	assert_null(elf_symbols_open(mapped.path, status.st_ino + 1));
}

static void libhakmem_in_a_program(void **state)
{
	const struct elf_function exported = {.name = "malloc"},
	                          hidden = {.name = "gate_allocate", .source = "", .local = true},
	                          part = {.name = "gate_free_for.part.0", .source = "gate.c", .local = true},
	                          users = {.name = "gate_allocate", .source = "main.c", .local = true},
	                          other = {.name = "main", .source = ""};

	(void)state;
	assert_true(hakmem_has_function(&exported));
	assert_true(hakmem_has_function(&hidden));
	assert_true(hakmem_has_function(&part));
	assert_false(hakmem_has_function(&users));
	assert_false(hakmem_has_function(&other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_static_function_of_ours),
	    cmocka_unit_test(bytes_of_the_file),
	    cmocka_unit_test(the_c_librarys_malloc),
	    cmocka_unit_test(a_stripped_file_has_its_exported_functions),
	    cmocka_unit_test(the_kernels_own_image),
	    cmocka_unit_test(what_is_no_elf_file),
	    cmocka_unit_test(libhakmem_in_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
