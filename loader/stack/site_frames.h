/* SPDX-License-Identifier: MIT */
/* Which frames of a stack are libhakmem's, and so which call into it asked for memory. */
#ifndef SITE_FRAMES_H
#define SITE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot/stacks.h"

/* Does a file of that name have libhakmem in it? *whole: it is libhakmem and nothing else. */
typedef bool site_object(const void *context, const char *name, bool *whole);

/* Frames as a snapshot's stack has them, inlined functions before those that they are inlined in. */
struct site_frames {
	site_object *object;
	const void *context;
	const struct frame *frames; /* of all stacks */
	const uint32_t *stack;
	size_t count;
};

/* How many frames there are before the call: those of libhakmem, where the stack begins with them. */
size_t site_frames_inside(const struct site_frames *site);

/* How many frames the first function from there on has, with those inlined into it. */
size_t site_frames_call(const struct site_frames *site, size_t from);

/*
 * Of a stack of a fault: the frames from the call on that was to hand out memory, which libhakmem, or libc on its
 * behalf, touched while it did; 0: it did not, so that whoever touched it may be another than who was handed it.
 */
size_t site_frames_own(const struct site_frames *touched);

#endif
