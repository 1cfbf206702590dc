// SPDX-License-Identifier: MIT
#include "symbol/readable_name.h"

#include <stddef.h>

/* Its header declares basename(), too, unless this says that there is one. */
#define HAVE_DECL_BASENAME 1
#include <libiberty/demangle.h>

char *readable_name(const char *name)
{
	/* _Z..., of Rust also _R... */
	if (name[0] != '_' || (name[1] != 'Z' && name[1] != 'R'))
		return NULL;
	return cplus_demangle(name, DMGL_AUTO);
}
