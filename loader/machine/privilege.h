/* SPDX-License-Identifier: MIT */
/* What the caller may do, asked of the kernel before anything is tried. */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

/* NULL when tracing is allowed, else what is missing, in words. The string is static. */
const char *privilege_missing(void);

#endif
