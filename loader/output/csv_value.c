// SPDX-License-Identifier: MIT
#include "output/csv_value.h"

#include <string.h>

void csv_value_string(const char *string, FILE *file)
{
	if (!strpbrk(string, ",\"\r\n")) {
		fputs(string, file);
		return;
	}
	fputc('"', file);
	for (; *string; string++) {
		if (*string == '"')
			fputc('"', file);
		fputc(*string, file);
	}
	fputc('"', file);
}
