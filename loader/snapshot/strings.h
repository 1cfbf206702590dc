/* SPDX-License-Identifier: MIT */
/* Copies of strings that a snapshot, or what else is a model here, owns. */
#ifndef SNAPSHOT_STRINGS_H
#define SNAPSHOT_STRINGS_H

#include <stdbool.h>

/* NULL of NULL. *failed is set when out of memory, and never cleared. */
char *string_copy(const char *string, bool *failed);

/* The same of a NULL-terminated list; what could be copied is to be freed by the caller, also after a failure. */
char **strings_copy(char *const *strings, bool *failed);

#endif
