// SPDX-License-Identifier: MIT
#include "snapshot/strings.h"

#include <stdlib.h>
#include <string.h>

char *string_copy(const char *string, bool *failed)
{
	char *copy = string ? strdup(string) : NULL;

	*failed |= string && !copy;
	return copy;
}

char **strings_copy(char *const *strings, bool *failed)
{
	size_t count = 0;
	char **copy;

	if (!strings)
		return NULL;
	while (strings[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	*failed |= !copy;
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = string_copy(strings[i], failed);
	return copy;
}
