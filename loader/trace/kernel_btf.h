/* SPDX-License-Identifier: MIT */
/*
 * Which functions the kernel's type information (BTF) knows. libbpf answers that too, in 40 ms: it makes tables of
 * 100,000 types that one or two questions don't need.
 */
#ifndef KERNEL_BTF_H
#define KERNEL_BTF_H

/* The type number of a function of the kernel itself (not of a module); 0: there is none, or no BTF. */
int kernel_btf_function(const char *name);

#endif
