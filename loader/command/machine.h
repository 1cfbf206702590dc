/* SPDX-License-Identifier: MIT */
/* What machine this is, for a recording that is read on another one. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>
#include <sys/utsname.h>

struct machine {
	char host[sizeof(((struct utsname *)0)->nodename)];
	char architecture[sizeof(((struct utsname *)0)->machine)];
	char processor[128]; /* its name; "": not known */
	uint64_t processors, memory_bytes, page_bytes;
};

void machine_look(struct machine *machine);

#endif
