/* SPDX-License-Identifier: MIT */
/* Was a file compiled to keep frame pointers? Seen by how its functions begin. */
#ifndef FRAME_POINTERS_H
#define FRAME_POINTERS_H

#include <stdbool.h>

/* False also when that can't be told: it is no ELF file of this machine, or has no table of its functions. */
bool frame_pointers_kept(const char *path);

#endif
