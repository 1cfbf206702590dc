// SPDX-License-Identifier: MIT
/*
 * deepbind: a library that is opened with RTLD_DEEPBIND looks for names in what it needs itself before it looks in what
 * was preloaded: its malloc and free would be libc's, but what libc hands it (strdup, getline) and what the program
 * passes to it would be ours, and a free of the one kind in the other's hands ends the program. So the preloaded
 * library takes the flag away. Not in libhakmem.a: a program that is linked with it has a dlopen of its own, or none.
 */
#include <dlfcn.h>
#include <stddef.h>

#include "common.h"

typedef void *opener(const char *file, int mode);

/*
 * libc's dlopen looks by its return address for who calls it, whose RUNPATH and namespace count: so it must be jumped
 * to, and not called from here. The Makefile has this file compiled that way whatever the rest is.
 */
EXPORT void *dlopen(const char *file, int mode)
{
	static COMPACT opener *next;
	opener *found = __atomic_load_n(&next, __ATOMIC_RELAXED);

	if (found == NULL) {
		found = (opener *)dlsym(RTLD_NEXT, "dlopen");
		__atomic_store_n(&next, found, __ATOMIC_RELAXED);
	}
	return found(file, mode & ~RTLD_DEEPBIND);
}
