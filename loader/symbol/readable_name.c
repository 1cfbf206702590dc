// SPDX-License-Identifier: MIT
/*
 * With libiberty. A name of some hundred bytes can stand for one of terabytes, as its parts may refer to each other. So
 * it is not asked for the whole, but gives piece by piece, and is left when it is too much: it has nothing to be freed
 * then.
 */
#include "symbol/readable_name.h"

#include <setjmp.h>
#include <stddef.h>
#include <string.h>

/* Its header declares basename(), too, unless this says that there is one. */
#define HAVE_DECL_BASENAME 1
#include <libiberty/demangle.h>

#define NAME_MOST 16384

struct pieces {
	jmp_buf too_long;
	size_t size;
	char text[NAME_MOST];
};

static void add_piece(const char *piece, size_t size, void *opaque)
{
	struct pieces *pieces = opaque;

	if (size >= NAME_MOST - pieces->size)
		longjmp(pieces->too_long, 1);
	memcpy(pieces->text + pieces->size, piece, size);
	pieces->size += size;
}

/* Rust's older names look like C++'s, and end with a hash. */
static int add_all(const char *name, struct pieces *pieces)
{
	if (setjmp(pieces->too_long))
		return 0;
	if (rust_demangle_callback(name, 0, add_piece, pieces))
		return 1;
	pieces->size = 0;
	return name[1] == 'Z' && cplus_demangle_v3_callback(name, 0, add_piece, pieces);
}

char *readable_name(const char *name)
{
	struct pieces pieces;

	/* _Z..., of Rust also _R... */
	if (name[0] != '_' || (name[1] != 'Z' && name[1] != 'R') || strnlen(name, NAME_MOST) == NAME_MOST)
		return NULL;
	pieces.size = 0;
	return add_all(name, &pieces) ? strndup(pieces.text, pieces.size) : NULL;
}
