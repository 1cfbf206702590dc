/* SPDX-License-Identifier: MIT */
/*
 * Gives things numbers, from 0 on, the same thing the same number: for formats that keep each once and name it by that.
 * A thing is its bytes, of which a copy is kept.
 */
#ifndef NUMBERING_H
#define NUMBERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/lookup.h"

struct numbered {
	void *bytes; /* with a 0 behind them */
	size_t size;
};

struct numbering {
	struct numbered *things; /* in the order of their numbers */
	size_t count, room;
	bool failed; /* out of memory: some number is wrong */
	struct lookup lookup;
};

uint32_t numbering_of(struct numbering *numbering, const void *bytes, size_t size);
uint32_t numbering_of_text(struct numbering *numbering, const char *text);
const char *numbering_text(const struct numbering *numbering, uint32_t number);

void numbering_free(struct numbering *numbering);

#endif
