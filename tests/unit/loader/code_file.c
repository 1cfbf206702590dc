// SPDX-License-Identifier: MIT
/* Functions, source lines and inlined functions of programs built for it: with debugging information here and there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "built.h"
#include "symbol/code_file.h"
#include "symbol/debug_file.h"

/* Lines are counted from the raw string's first. The labels say where an inlined function's code is. */
static const char plain_source[] = "#include <stdlib.h>\n"
                                   "static __attribute__((noinline)) int local(int value)\n"
                                   "{\n"
                                   "	return value * 3 + rand();\n" /* 4 */
                                   "}\n"
                                   "__attribute__((noinline)) int exported(int value)\n"
                                   "{\n"
                                   "	asm volatile(\".globl in_exported\\nin_exported: nop\");\n" /* 8 */
                                   "	return local(value) - 1;\n"
                                   "}\n"
                                   "int main(int count, char **arguments)\n"
                                   "{\n"
                                   "	(void)arguments;\n"
                                   "	return exported(count);\n"
                                   "}\n";

static const char inlined_source[] = "namespace shop {\n"
                                     "template <typename T> __attribute__((always_inline)) inline T inner(T value)\n"
                                     "{\n"
                                     "	asm volatile(\".globl in_inner\\nin_inner: nop\");\n" /* 4 */
                                     "	return value * 3;\n"
                                     "}\n"
                                     "static __attribute__((always_inline)) inline int middle(int value)\n"
                                     "{\n"
                                     "	return inner(value) + 1;\n" /* 9 */
                                     "}\n"
                                     "struct basket {\n"
                                     "	__attribute__((noinline)) int outer(int value);\n"
                                     "};\n"
                                     "int basket::outer(int value)\n"
                                     "{\n"
                                     "	int more = value * 7;\n"
                                     "	return middle(more) + more;\n" /* 17 */
                                     "}\n"
                                     "}\n"
                                     "int main(int count, char **)\n"
                                     "{\n"
                                     "	auto closure = [count](int value) __attribute__((noinline)) {\n"
                                     "		asm volatile(\".globl in_closure\\nin_closure: nop\");\n" /* 23 */
                                     "		return value + count;\n"
                                     "	};\n"
                                     "	return shop::basket().outer(count) + closure(count);\n"
                                     "}\n";

static bool build(const char *command)
{
	built_write("plain.c", plain_source);
	built_write("inlined.cc", inlined_source);
	return built_run(command);
}

static struct code_file *file_of(const char *name)
{
	const char *path = built_path(name);
	struct code_file *file = code_file_open(open(path, O_RDONLY | O_CLOEXEC), path);

	assert_non_null(file);
	return file;
}

static void assert_source(const struct code_place *place, const char *name, unsigned line)
{
	const char *slash = strrchr(place->source, '/');

	assert_non_null(slash);
	assert_string_equal(slash + 1, name);
	assert_int_equal(place->line, line);
}

/* The function at an address, and only it, without lines. */
static void assert_function(struct code_file *file, uint64_t address, const char *name)
{
	struct code_place places[8];

	assert_int_equal(code_file_places(file, address, false, places, 8), 1);
	assert_string_equal(places[0].function, name);
	assert_false(places[0].inlined);
}

static void assert_plain_lines(struct code_file *file, uint64_t local, uint64_t exported)
{
	struct code_place places[8];

	assert_int_equal(code_file_places(file, exported, false, places, 8), 1);
	assert_string_equal(places[0].function, "exported");
	assert_source(&places[0], "plain.c", 8);
	assert_int_equal(code_file_places(file, local, false, places, 8), 1);
	assert_string_equal(places[0].function, "local");
	assert_source(&places[0], "plain.c", 3);
}

static void lines_of_plain_c(void **state)
{
	static const char *const flags[] = {"-O0", "-O2", "-O2 -gdwarf-4", "-O2 -no-pie", "-O2 -static",
	    "-O2 -static-pie -fPIE", "-O2 -gz", "-O2 -gz=zlib-gnu", "-O2 -Wl,--build-id=none", "-O2 -g1"};

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		char command[200];
		struct code_file *file;

		snprintf(command, sizeof(command), "gcc -g %s -o plain plain.c", flags[i]);
		if (!build(command))
			skip();
		file = file_of("plain");
		assert_plain_lines(file, built_address("plain", "local"), built_address("plain", "in_exported"));
		code_file_close(file);
	}
}

static void assert_inlined(struct code_file *file, uint64_t address)
{
	struct code_place places[8];

	assert_int_equal(code_file_places(file, address, false, places, 8), 3);
	assert_string_equal(places[0].function, "shop::inner<int>");
	assert_string_equal(places[1].function, "shop::middle");
	assert_string_equal(places[2].function, "shop::basket::outer");
	assert_true(places[0].inlined && places[1].inlined && !places[2].inlined);
	assert_source(&places[0], "inlined.cc", 4);
	assert_source(&places[1], "inlined.cc", 9);
	assert_source(&places[2], "inlined.cc", 17);
	/* Asked for fewer: the innermost. */
	memset(places, 0, sizeof(places));
	assert_int_equal(code_file_places(file, address, false, places, 1), 1);
	assert_string_equal(places[0].function, "shop::inner<int>");
	assert_null(places[1].function);
	assert_int_equal(code_file_places(file, address, false, places, 0), 0);
}

static void inlined_functions_innermost_first(void **state)
{
	static const char *const compilers[] = {"g++", "g++ -gdwarf-4", "clang++"};
	size_t built = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(compilers) / sizeof(compilers[0]); i++) {
		char command[200];
		struct code_file *file;
		struct code_place places[8];
		size_t count;

		snprintf(command, sizeof(command), "%s -O2 -g -o inlined inlined.cc", compilers[i]);
		if (!build(command))
			continue;
		built++;
		file = file_of("inlined");
		assert_inlined(file, built_address("inlined", "in_inner"));
		/* A function in a function. */
		count = code_file_places(file, built_address("inlined", "in_closure"), false, places, 8);
		assert_true(count);
		assert_non_null(strstr(places[0].function, "main::"));
		assert_non_null(strstr(places[0].function, "::operator()"));
		assert_source(&places[0], "inlined.cc", 23);
		code_file_close(file);
	}
	if (!built)
		skip();
}

static void a_return_address_is_the_calls(void **state)
{
	struct code_place places[8];
	struct code_file *file;
	uint64_t exported;

	(void)state;
	if (!build("gcc -g -O2 -o plain plain.c"))
		skip();
	file = file_of("plain");
	exported = built_address("plain", "exported");
	assert_int_equal(code_file_places(file, exported, false, places, 8), 1);
	assert_string_equal(places[0].function, "exported");
	/* Its first byte is no return address into it: what lies before is meant. */
	if (code_file_places(file, exported, true, places, 8))
		assert_string_not_equal(places[0].function, "exported");
	assert_int_equal(code_file_places(file, exported + 1, true, places, 8), 1);
	assert_string_equal(places[0].function, "exported");
	code_file_close(file);
}

static void a_debug_file_of_its_build_id(void **state)
{
	struct code_file *file;
	uint64_t local, exported;
	char command[300];

	(void)state;
	if (!build("gcc -g -O2 -Wl,--build-id=sha1 -o plain plain.c && objcopy --only-keep-debug plain plain.debug"))
		skip();
	local = built_address("plain", "local");
	exported = built_address("plain", "in_exported");
	assert_true(built_run("strip -s plain"));
	file = file_of("plain");
	assert_int_equal(strlen(code_file_build_id(file)), 40);
	snprintf(command, sizeof(command), "mkdir -p .build-id/%.2s && cp plain.debug .build-id/%.2s/%s.debug",
	    code_file_build_id(file), code_file_build_id(file), code_file_build_id(file) + 2);
	assert_true(built_run(command));
	debug_file_folder(built_folder);
	assert_plain_lines(file, local, exported);
	code_file_close(file);

	/* Another program's file by that name is none of it. */
	assert_true(built_run("gcc -g -O1 -DOTHER -Wl,--build-id=sha1 -o other plain.c && "
	                      "for file in .build-id/*/*.debug; do cp other $file; done"));
	file = file_of("plain");
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	code_file_close(file);
	debug_file_folder(NULL);
}

static void a_debug_file_of_its_link(void **state)
{
	struct code_file *file;
	uint64_t local, exported;

	(void)state;
	if (!build("gcc -g -O2 -Wl,--build-id=none -o plain plain.c && mkdir -p .debug && "
	           "objcopy --only-keep-debug plain .debug/plain.debug"))
		skip();
	local = built_address("plain", "local");
	exported = built_address("plain", "in_exported");
	assert_true(built_run("strip -s plain && objcopy --add-gnu-debuglink=.debug/plain.debug plain"));
	file = file_of("plain");
	assert_string_equal(code_file_build_id(file), "");
	assert_plain_lines(file, local, exported);
	code_file_close(file);

	/* Not with another check sum. */
	assert_true(built_run("printf x >>.debug/plain.debug"));
	file = file_of("plain");
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	code_file_close(file);

	/* What would wait for a writer for ever is no debug file. */
	assert_true(built_run("rm .debug/plain.debug && mkfifo .debug/plain.debug"));
	file = file_of("plain");
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	code_file_close(file);
	assert_true(built_run("rm .debug/plain.debug"));
}

static void symbols_left_in_a_stripped_file(void **state)
{
	struct code_file *file;
	uint64_t local, exported;

	(void)state;
	if (!build("gcc -g -O2 -o plain plain.c && nm plain | awk '$2 ~ /[tT]/ { print $3 }' >keep && "
	           "objcopy -S --keep-symbols=keep plain mini && strip -s plain && xz mini && "
	           "objcopy --add-section .gnu_debugdata=mini.xz plain"))
		skip();
	assert_true(built_run("unxz -k mini.xz"));
	local = built_address("mini", "local");
	exported = built_address("mini", "exported");
	file = file_of("plain");
	assert_function(file, local, "local");
	assert_function(file, exported, "exported");
	code_file_close(file);

	/* What unpacks to more than any symbols is not unpacked. */
	assert_true(built_run("truncate -s 70M large && xz -0 large && "
	                      "objcopy --update-section .gnu_debugdata=large.xz plain && rm large.xz"));
	file = file_of("plain");
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	code_file_close(file);
}

static void exported_functions_of_a_stripped_library(void **state)
{
	struct code_file *file;
	uint64_t local, exported;

	(void)state;
	if (!build("gcc -O2 -shared -fPIC -o plain.so plain.c"))
		skip();
	local = built_address("plain.so", "local");
	exported = built_address("plain.so", "exported");
	assert_true(built_run("strip -s plain.so"));
	file = file_of("plain.so");
	assert_function(file, exported, "exported");
	/* And not the nearest exported one. */
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	code_file_close(file);
}

static void a_file_without_symbols(void **state)
{
	struct code_file *file;
	uint64_t local;

	(void)state;
	if (!build("gcc -O2 -static -o plain plain.c"))
		skip();
	local = built_address("plain", "local");
	assert_true(built_run("strip -s plain"));
	file = file_of("plain");
	assert_int_equal(code_file_places(file, local, false, &(struct code_place){}, 1), 0);
	assert_int_equal(code_file_places(file, 0, true, &(struct code_place){}, 1), 0);
	assert_int_equal(code_file_places(file, UINT64_MAX, false, &(struct code_place){}, 1), 0);
	code_file_close(file);
}

/* nm's addresses are where the program header says that the file's bytes go. */
static void addresses_of_file_offsets(void **state)
{
	struct code_file *file;
	uint64_t exported;
	char command[300];
	FILE *output;
	uint64_t offset = 0;

	(void)state;
	if (!build("gcc -O2 -no-pie -o plain plain.c"))
		skip();
	exported = built_address("plain", "exported");
	snprintf(command, sizeof(command),
	    "readelf -SW %s | awk '/ \\.text / { sub(/.*\\.text/, \"\"); print $2, $3 }'", built_path("plain"));
	output = popen(command, "re");
	assert_non_null(output);
	uint64_t text;

	assert_int_equal(fscanf(output, "%lx %lx", &text, &offset), 2);
	pclose(output);
	file = file_of("plain");
	assert_true(code_file_address(file, exported - text + offset) == exported);
	assert_true(code_file_address(file, 1UL << 40) == UINT64_MAX);
	code_file_close(file);
}

static void names_that_others_see_win(void **state)
{
	struct code_file *file;

	(void)state;
	built_write("alias.c", "int __mine(int value) { return value + 1; }\n"
	                       "extern __typeof(__mine) mine __attribute__((alias(\"__mine\")));\n"
	                       "int main(void) { return mine(1); }\n");
	if (!built_run("gcc -g -O1 -fno-inline -o alias alias.c"))
		skip();
	file = file_of("alias");
	assert_function(file, built_address("alias", "mine"), "mine");
	code_file_close(file);
}

/* As the dynamic loader's _start. */
static void labels_of_assembly_are_the_last_resort(void **state)
{
	struct code_file *file;
	uint64_t first;

	(void)state;
	built_write("labels.s", "	.text\n	nop\nfirst:	nop\n	nop\n	.type inner, @function\n"
	                        "inner:	nop\nmiddle:	nop\n	.size inner, .-inner\n	nop\nlast:	nop\n"
	                        "	.section .note.GNU-stack\n");
	if (!built_run("gcc -nostdlib -no-pie -Wl,-e,first -o labels labels.s"))
		skip();
	first = built_address("labels", "first");
	file = file_of("labels");
	assert_int_equal(code_file_places(file, first - 1, false, &(struct code_place){}, 1), 0);
	assert_function(file, first, "first");
	assert_function(file, first + 1, "first");
	assert_function(file, first + 2, "inner");
	assert_function(file, first + 3, "inner");
	assert_int_equal(code_file_places(file, first + 4, false, &(struct code_place){}, 1), 0);
	assert_function(file, first + 5, "last");
	code_file_close(file);
}

static void the_kernels_own_image(void **state)
{
	const Elf64_Ehdr *image = (const void *)getauxval(AT_SYSINFO_EHDR);
	struct code_file *file;
	struct code_place place;
	size_t known = 0;

	(void)state;
	if (!image)
		skip();
	file = code_file_open_image(image, image->e_shoff + image->e_shnum * image->e_shentsize);
	assert_non_null(file);
	for (uint64_t offset = 0; offset < image->e_shoff; offset += 16)
		if (code_file_places(file, code_file_address(file, offset), false, &place, 1))
			known +=
			    !strcmp(place.function, "clock_gettime") || !strcmp(place.function, "__vdso_clock_gettime");
	assert_true(known);
	code_file_close(file);
}

static void what_is_no_elf_file(void **state)
{
	(void)state;
	assert_null(code_file_open(open("/proc/self/status", O_RDONLY | O_CLOEXEC), "/proc/self/status"));
	assert_null(code_file_open(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null"));
	assert_null(code_file_open(open("/", O_RDONLY | O_CLOEXEC), NULL));
	assert_null(code_file_open(-1, "/no/such/file"));
	assert_null(code_file_open_image("no image", 8));
	assert_null(code_file_open_image("", 0));
	assert_null(code_file_open_image("\177ELF", 4));
}

/* As some file of that content. */
static struct code_file *file_with(const void *bytes, size_t size)
{
	int descriptor = memfd_create("damaged", MFD_CLOEXEC);

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, bytes, size), size);
	return code_file_open(descriptor, built_path("damaged"));
}

static void ask_all_over(struct code_file *file, uint64_t start)
{
	struct code_place places[8];

	for (uint64_t offset = 0; file && offset < 1000; offset += 50)
		for (size_t i = code_file_places(file, start - 200 + offset, offset & 1, places, 8); i--;)
			assert_true(strlen(places[i].function) + strlen(places[i].source) < 100000);
	code_file_close(file);
}

/* Whatever is in the file, there is an answer. */
static void damaged_files(void **state)
{
	static unsigned char bytes[200000], damaged[sizeof(bytes)];
	size_t size, tries = getenv("LONG") ? 20000 : 1500;
	uint64_t start, random = 88172645463325252;
	FILE *file;

	(void)state;
	if (!build("g++ -O2 -g -nostartfiles -o inlined inlined.cc && rm -f damaged"))
		skip();
	start = built_address("inlined", "in_inner");
	file = fopen(built_path("inlined"), "re");
	assert_non_null(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t cut = 0; cut < size; cut += size / 200 + 1)
		ask_all_over(file_with(bytes, cut), start);
	for (size_t i = 0; i < tries; i++) {
		memcpy(damaged, bytes, size);
		/* The first bytes and the last are what all else hangs on. */
		for (size_t change = 0; change <= i % 16; change++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			damaged[i % 8               ? random % size
			        : (random >> 8) % 2 ? random % 64
			                            : size - 1 - random % 2000] = random >> 32;
		}
		ask_all_over(file_with(damaged, size), start);
	}
}

/*
 * A hundred thousand units, each of which has to look through two hundred thousand abbreviations for its own: libdw
 * would keep terabytes of them. It takes seconds and 2 GiB to be through with.
 */
static void a_file_made_to_hurt(void **state)
{
	static const char source[] = "	.section .debug_abbrev\n	.set number, 1\n	.rept 200000\n"
	                             "	.uleb128 number, 0x11\n	.byte 0\n	.uleb128 0x11, 1, 0x12, 7\n"
	                             "	.byte 0, 0\n	.set number, number + 1\n	.endr\n	.byte 0\n"
	                             "	.section .debug_info\n	.rept 100000\n	.long 26\n	.short 4\n"
	                             "	.long 0\n	.byte 8\n	.uleb128 200000\n	.quad 0x1000, 0x100\n"
	                             "	.endr\n	.section .note.GNU-stack\n";
	struct code_file *file;

	(void)state;
	if (!getenv("LONG"))
		skip();
	built_write("hurt.s", source);
	if (!build("gcc -o plain plain.c hurt.s"))
		skip();
	file = file_of("plain");
	assert_function(file, built_address("plain", "exported"), "exported");
	code_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_of_plain_c),
	    cmocka_unit_test(inlined_functions_innermost_first),
	    cmocka_unit_test(a_return_address_is_the_calls),
	    cmocka_unit_test(a_debug_file_of_its_build_id),
	    cmocka_unit_test(a_debug_file_of_its_link),
	    cmocka_unit_test(symbols_left_in_a_stripped_file),
	    cmocka_unit_test(exported_functions_of_a_stripped_library),
	    cmocka_unit_test(a_file_without_symbols),
	    cmocka_unit_test(addresses_of_file_offsets),
	    cmocka_unit_test(names_that_others_see_win),
	    cmocka_unit_test(labels_of_assembly_are_the_last_resort),
	    cmocka_unit_test(the_kernels_own_image),
	    cmocka_unit_test(what_is_no_elf_file),
	    cmocka_unit_test(damaged_files),
	    cmocka_unit_test(a_file_made_to_hurt),
	};

	return cmocka_run_group_tests(tests, built_begin, built_end);
}
