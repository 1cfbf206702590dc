// SPDX-License-Identifier: MIT
/* What ELF files say of themselves, and that others are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/elf_file.h"

static bool read_facts(const char *path, struct elf_facts *facts)
{
	struct stat status;

	return !stat(path, &status) && elf_file_read(path, status.st_ino, facts);
}

static void a_library_that_exports_malloc(void **state)
{
	struct elf_facts facts;
	Dl_info information;

	(void)state;
	assert_true(dladdr((void *)(uintptr_t)getpid, &information));
	assert_true(read_facts(information.dli_fname, &facts));
	assert_true(facts.exports_malloc);
	assert_false(facts.is_program);
	assert_false(facts.is_static);
}

static void a_library_that_does_not(void **state)
{
	struct elf_facts facts;
	Dl_info information;
	void *library = dlopen("libz.so.1", RTLD_NOW), *function = library ? dlsym(library, "inflate") : NULL;

	(void)state;
	assert_true(function && dladdr(function, &information));
	assert_true(read_facts(information.dli_fname, &facts));
	assert_false(facts.exports_malloc);
	assert_false(facts.is_program);
}

static void a_program(void **state)
{
	struct elf_facts facts;

	(void)state;
	assert_true(read_facts("/proc/self/exe", &facts));
	assert_true(facts.is_program);
	assert_false(facts.is_static);
	assert_false(facts.is_stripped);
}

static void another_file_of_that_name_is_refused(void **state)
{
	struct elf_facts facts;
	struct stat status;

	(void)state;
	assert_int_equal(stat("/proc/self/exe", &status), 0);
	assert_false(elf_file_read("/proc/self/exe", status.st_ino + 1, &facts));
	assert_false(elf_file_read("/nonexistent", status.st_ino, &facts));
	assert_false(read_facts("/dev/null", &facts));
}

/* A copy of this program with bytes drawn at random: whatever is said of it, nothing crashes. */
static void damaged_files_do_no_harm(void **state)
{
	char path[] = "/tmp/elf-file-XXXXXX";
	static unsigned char image[1 << 20];
	int own = open("/proc/self/exe", O_RDONLY), copy = mkstemp(path);
	ssize_t size = read(own, image, sizeof(image));
	struct elf_facts facts;

	(void)state;
	assert_true(copy >= 0 && size > 4096);
	srandom(1);
	for (int round = 0; round < 400; round++) {
		unsigned char before[8];
		size_t at[8];

		/* Half of the hits in the file's header, where it hurts. */
		for (int i = 0; i < 8; i++) {
			at[i] = random() % (i % 2 ? size : 1024);
			before[i] = image[at[i]];
			image[at[i]] = random();
		}
		assert_int_equal(pwrite(copy, image, size, 0), size);
		assert_int_equal(ftruncate(copy, round % 3 ? size : (random() % size)), 0);
		read_facts(path, &facts);
		for (int i = 7; i >= 0; i--)
			image[at[i]] = before[i];
	}
	close(own);
	close(copy);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_library_that_exports_malloc),
	    cmocka_unit_test(a_library_that_does_not),
	    cmocka_unit_test(a_program),
	    cmocka_unit_test(another_file_of_that_name_is_refused),
	    cmocka_unit_test(damaged_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
