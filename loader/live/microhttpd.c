// SPDX-License-Identifier: MIT
/* See microhttpd.h. */
#include "live/microhttpd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct http_library http;

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define ROW(function) {#function, offsetof(struct http_library, function)},
    HTTP_FUNCTIONS(ROW)
#undef ROW
};

int http_load(char error[HTTP_ERROR])
{
	void *library = dlopen(MICROHTTPD, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		snprintf(error, HTTP_ERROR, "it needs libmicrohttpd (%.120s)", dlerror());
		return -1;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			snprintf(error, HTTP_ERROR, "libmicrohttpd is too old: it has no %s", functions[i].name);
			return -1;
		}
		memcpy((char *)&http + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}
