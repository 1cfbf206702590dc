/* SPDX-License-Identifier: MIT */
/* A filter of system calls for who only looks from now on. */
#ifndef CALL_FILTER_H
#define CALL_FILTER_H

/*
 * For all threads of this process, and all to come: what starts programs, writes to other processes, opens files to be
 * written, changes files or users, or loads code into the kernel fails with EPERM. No new privileges must be set. 0, or
 * -1 with errno: ENOSYS or EINVAL on a kernel without such filters.
 */
int call_filter_install(void);

#endif
