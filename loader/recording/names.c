// SPDX-License-Identifier: MIT
#include "recording/names.h"

#include <string.h>

const char *names_purge_call(const char *name)
{
	static const char *const calls[] = {"madvise", "munmap", "mmap", "mremap", "brk"};

	for (size_t i = 0; name && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(name, calls[i]))
			return calls[i];
	return "";
}

bool names_region(const char *name, enum region *region)
{
	for (enum region one = 0; name && one < REGION_COUNT; one++)
		if (!strcmp(name, region_name(one))) {
			*region = one;
			return true;
		}
	return false;
}

static const char *const methods[] = {
    [METHOD_EXACT] = "exact",
    [METHOD_EXACT_BUT] = "exact but",
    [METHOD_UPPER_BOUND] = "upper bound",
    [METHOD_ESTIMATE] = "estimate",
    [METHOD_SAMPLED] = "sampled",
};

bool names_method(const char *name, enum method *method)
{
	for (enum method one = METHOD_EXACT; name && one <= METHOD_SAMPLED; one++)
		if (!strcmp(name, methods[one])) {
			*method = one;
			return true;
		}
	return false;
}

const char *names_of_method(enum method method)
{
	return method >= METHOD_EXACT && method <= METHOD_SAMPLED ? methods[method] : NULL;
}
