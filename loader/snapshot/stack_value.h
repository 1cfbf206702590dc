/* SPDX-License-Identifier: MIT */
/* Which figure of a stack is meant, where only one can be shown: a graph, a list of folded stacks, an order. */
#ifndef STACK_VALUE_H
#define STACK_VALUE_H

#include <stdbool.h>

#include "snapshot/stacks.h"

enum stack_value {
	STACK_VALUE_FAULTS,
	STACK_VALUE_ZEROED,
	STACK_VALUE_TIME,
	STACK_VALUE_COUNT,
};

const char *stack_value_name(enum stack_value value);  /* "faults", "zeroed", "time" */
const char *stack_value_title(enum stack_value value); /* "faults", "zeroed bytes", "fault time" */

/* False when there is none of that name. */
bool stack_value_find(const char *name, enum stack_value *value);

/* What follows for all (stacks.h); < 0: not known. */
double stack_value_of(const struct stack_row *row, enum stack_value value);

/* Is it known of any row? True when there are none. */
bool stack_value_known(const struct stacks *stacks, enum stack_value value);

#endif
