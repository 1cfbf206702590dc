/* SPDX-License-Identifier: MIT */
/* Whose pages are these: can whoever runs the program change how many there are? */
#ifndef YOURS_H
#define YOURS_H

#include "snapshot/snapshot.h"

enum yours {
	YOURS_YES,    /* by code of theirs, or by a choice such as the allocator */
	YOURS_PARTLY, /* some of them, or in some way */
	YOURS_NO,
	YOURS_UNKNOWN,
	YOURS_COUNT,
};

enum yours yours(enum region region, const char *detail);
const char *yours_name(enum yours yours); /* "yes", "partly", "no", "?" */

#endif
