// SPDX-License-Identifier: MIT
/* Lines of /proc/PID/maps and smaps: whose each mapping is by them alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "space/space_maps.h"

static struct space_maps maps;

static void parse(const char *text)
{
	assert_int_equal(space_maps_parse(&maps, strdup(text), "/bin/program"), 0);
}

static void expect(size_t number, uint64_t start, enum owner_kind kind, const char *name)
{
	assert_true(number < maps.count);
	assert_int_equal(maps.mappings[number].start, start);
	assert_int_equal(maps.mappings[number].kind, kind);
	assert_string_equal(maps.mappings[number].name, name);
}

static void names_and_access_tell_whose_it_is(void **state)
{
	(void)state;
	parse("1000-2000 r-xp 00000000 08:01 7        /bin/program\n"
	      "2000-3000 rw-p 00001000 08:01 7        /bin/program\n"
	      "3000-4000 rw-p 00000000 00:00 0        [heap]\n"
	      "4000-5000 rw-s 00000000 00:01 9        /dev/zero (deleted)\n"
	      "5000-6000 r--p 00000000 08:01 8        /lib/a b.so (deleted)\n"
	      "6000-7000 rw-p 00000000 00:00 0 \n"
	      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0        [vsyscall]\n");
	assert_int_equal(maps.count, 6);
	expect(0, 0x1000, OWNER_PROGRAM_TEXT, "program");
	expect(1, 0x2000, OWNER_PROGRAM_DATA, "program");
	expect(2, 0x3000, OWNER_BREAK, "");
	expect(3, 0x4000, OWNER_SHARED, "zero");
	expect(4, 0x5000, OWNER_IMAGE_READONLY, "a b.so");
	expect(5, 0x6000, OWNER_ANON, "");
	assert_int_equal(maps.more, 0);
	space_maps_free(&maps);
}

static void smaps_say_what_is_resident_and_a_cut_line_is_none(void **state)
{
	(void)state;
	parse("6000-9000 rw-p 00000000 00:00 0 \n"
	      "Size:                 12 kB\n"
	      "Rss:                   8 kB\n"
	      "a000-b000 rw-p 00000");
	assert_int_equal(maps.count, 1);
	assert_int_equal(maps.mappings[0].resident, 8192);
	assert_int_equal(maps.more, 1);
	space_maps_free(&maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_access_tell_whose_it_is),
	    cmocka_unit_test(smaps_say_what_is_resident_and_a_cut_line_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
