/* SPDX-License-Identifier: MIT */
/* A string as a value between commas. */
#ifndef CSV_VALUE_H
#define CSV_VALUE_H

#include <stdio.h>

/* Quoted only when it has to be (RFC 4180). Bytes go through as they are. */
void csv_value_string(const char *string, FILE *file);

#endif
