/* SPDX-License-Identifier: MIT */
/*
 * fork in a process with several threads: the child can allocate and free at once.
 */
#ifndef HAKMEM_FORK_H
#define HAKMEM_FORK_H

void fork_register(void);

#endif
