/* SPDX-License-Identifier: MIT */
/*
 * A library that is loaded and unloaded again and again, its addresses used by others in between. See truth.h.
 */
#include <dlfcn.h>

#include "truth.h"

#define LIBRARY "truth_library.so"
#define ROUNDS  60L
#define ZEROES  32L /* pages; see truth_library.c */
#define DATA    8L
#define OWN     16L
#define LENGTH  64L

static char path[4096];

static void find_library(void)
{
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - sizeof(LIBRARY));

	if (length <= 0)
		fail("readlink");
	path[length] = 0;
	strcpy(strrchr(path, '/') + 1, LIBRARY);
}

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	if (!found)
		fail(name);
	return found;
}

static void run(bool touching)
{
	char *(*library_map)(long);

	find_library();
	for (long round = 0; round < ROUNDS; round++) {
		void *library = dlopen(path, RTLD_NOW), *function;
		char *zeroes, *data, *own, *after;

		if (!library)
			fail(path);
		zeroes = symbol(library, "library_zeroes");
		data = symbol(library, "library_data");
		function = symbol(library, "library_map");
		memcpy(&library_map, &function, sizeof(function));
		own = library_map(OWN);
		if (touching) {
			touch(zeroes, ZEROES);
			touch(data, DATA);
			touch(own, OWN);
		}
		munmap(own, OWN * PAGE);
		if (dlclose(library))
			fail("dlclose");
		/* Where the library was, unless the kernel chose another place. */
		after = map(LENGTH, 0);
		if (touching)
			touch(after, LENGTH);
		munmap(after, LENGTH * PAGE);
	}
}

static void idle(long pages)
{
	(void)pages;
	run(false);
}

static void dlopen_churn(long pages)
{
	(void)pages;
	run(true);
	expect("library", LIBRARY, ROUNDS * (ZEROES + DATA));
	expect("anon", LIBRARY, ROUNDS * OWN);
	expect("anon", TRUTH_NAME, ROUNDS * LENGTH);
}

static const struct truth_case cases[] = {
    {"baseline", NULL, idle, false},
    {"dlopen-churn", "baseline", dlopen_churn, false},
    {NULL, NULL, NULL, false},
};

int main(int argc, char **argv)
{
	return truth_main(argc, argv, cases);
}
