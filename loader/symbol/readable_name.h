/* SPDX-License-Identifier: MIT */
/* Names of C++ and Rust functions as people write them, without parameters. */
#ifndef READABLE_NAME_H
#define READABLE_NAME_H

/* A fresh string; NULL when the name is no mangled one, or memory is out. */
char *readable_name(const char *name);

#endif
