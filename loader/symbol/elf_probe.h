/* SPDX-License-Identifier: MIT */
/* The statically defined probes (USDT) that an ELF file says it has. */
#ifndef ELF_PROBE_H
#define ELF_PROBE_H

#include <stdbool.h>

/* False also when there is no such file, or it is no ELF file. */
bool elf_probe_find(const char *path, const char *provider, const char *name);

#endif
