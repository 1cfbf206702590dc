/* SPDX-License-Identifier: MIT */
/*
 * Starting and ending: once, at the first allocation of the process, wherever that comes from.
 */
#ifndef HAKMEM_STARTUP_H
#define HAKMEM_STARTUP_H

/* Before anything is mapped: reads the options, makes the shared map known, asks a tracer for costs. Cheap when done.
 */
void startup_ensure(void);

#endif
