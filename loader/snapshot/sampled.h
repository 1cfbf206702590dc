/* SPDX-License-Identifier: MIT */
/* Where samples of CPU time lay, with names: what trace/ hands to analysis/. */
#ifndef SAMPLED_H
#define SAMPLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an object in user space is to the process. */
enum object_role {
	ROLE_PROGRAM,
	ROLE_LIBRARY,
	ROLE_LIBC,
	ROLE_ALLOCATOR, /* a library that exports malloc and free */
	ROLE_VDSO,
	ROLE_GENERATED, /* no file */
	ROLE_UNKNOWN,   /* nothing is known to be mapped there */
};

/* A clock's sample can't be taken with interrupts off; it is taken where they go on again, and so may be late. */
enum late {
	LATE_NOT,
	LATE_FROM_FAULT, /* at the first instruction after a fault's return */
	LATE_FROM_CALL,  /* after a system call's */
};

/* Samples of one place. Strings live as long as who handed them over says. */
struct sampled {
	bool kernel;
	const char *const *frames; /* kernel functions, the innermost first */
	size_t frame_count;
	enum object_role role; /* of user space, from here on */
	const char *object;    /* file name; "": none */
	const char *function;  /* "": not known */
	bool in_malloc;        /* the function is known to be malloc's, whatever its name */
	enum late late;
	uint64_t count;
};

#endif
