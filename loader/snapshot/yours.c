// SPDX-License-Identifier: MIT
#include "snapshot/yours.h"

#include <string.h>

struct owner {
	enum region region;
	const char *detail; /* NULL: any other */
	enum yours yours;
};

static const struct owner owners[] = {
    {REGION_ALLOCATOR, NULL, YOURS_YES},
    {REGION_TLS, NULL, YOURS_PARTLY}, /* the program's and its libraries' */
    {REGION_STACK, NULL, YOURS_PARTLY},
    {REGION_LIBC, "heap", YOURS_YES},
    {REGION_LIBC, "arena", YOURS_YES},
    {REGION_LIBC, "mmap", YOURS_YES},
    {REGION_LIBC, NULL, YOURS_NO},
    {REGION_PROGRAM, NULL, YOURS_PARTLY},
    {REGION_LIBRARY, NULL, YOURS_NO},
    {REGION_FILE, NULL, YOURS_PARTLY},
    {REGION_ANON, NULL, YOURS_YES},
    {REGION_KERNEL, NULL, YOURS_NO},
    {REGION_UNSEEN, NULL, YOURS_UNKNOWN},
};

enum yours yours(enum region region, const char *detail)
{
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (owners[i].region == region && (!owners[i].detail || !strcmp(owners[i].detail, detail)))
			return owners[i].yours;
	return YOURS_UNKNOWN;
}

const char *yours_name(enum yours yours)
{
	static const char *const names[YOURS_COUNT] = {
	    [YOURS_YES] = "yes",
	    [YOURS_PARTLY] = "partly",
	    [YOURS_NO] = "no",
	    [YOURS_UNKNOWN] = "?",
	};

	return names[yours];
}
