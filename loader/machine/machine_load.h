/* SPDX-License-Identifier: MIT */
/*
 * How much of the machine's processor time goes to others than ourselves and what we run: /proc/stat against our own.
 * The kernel counts the machine's time in ticks of 10 ms, so a share is of the last quarter of a second at least.
 */
#ifndef MACHINE_LOAD_H
#define MACHINE_LOAD_H

#include <stddef.h>
#include <stdint.h>

#define LOAD_LOOKS 64

struct machine_look {
	uint64_t at_ns, busy_ns, own_ns;
};

struct machine_load {
	unsigned int processors;
	struct machine_look first, looks[LOAD_LOOKS];
	size_t count;
};

unsigned int machine_processors(void);

/* The average of the last minute; NAN: not known. */
double machine_load_average(void);

void machine_load_start(struct machine_load *load);

/*
 * Look again; own_ns is the processor time that our runs have taken so far, without this process's own. The share of
 * all processors' time that others took since the latest look long enough ago: 0 to 1; NAN when there is none yet.
 */
double machine_load_look(struct machine_load *load, uint64_t own_ns);

/* The same since the start, as of the last look. */
double machine_load_whole(const struct machine_load *load);

#endif
