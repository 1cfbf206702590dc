// SPDX-License-Identifier: MIT
#include "snapshot/stack_value.h"

#include <string.h>

static const struct {
	const char *name, *title;
} values[STACK_VALUE_COUNT] = {
    [STACK_VALUE_FAULTS] = {"faults", "faults"},
    [STACK_VALUE_ZEROED] = {"zeroed", "zeroed bytes"},
    [STACK_VALUE_TIME] = {"time", "fault time"},
};

const char *stack_value_name(enum stack_value value)
{
	return values[value].name;
}

const char *stack_value_title(enum stack_value value)
{
	return values[value].title;
}

bool stack_value_find(const char *name, enum stack_value *value)
{
	for (enum stack_value i = 0; i < STACK_VALUE_COUNT; i++)
		if (!strcmp(name, values[i].name)) {
			*value = i;
			return true;
		}
	return false;
}

double stack_value_of(const struct stack_row *row, enum stack_value value)
{
	switch (value) {
	case STACK_VALUE_ZEROED:
		return row->all_zeroed_bytes;
	case STACK_VALUE_TIME:
		return row->all_ns;
	default:
		return row->all_faults;
	}
}

bool stack_value_known(const struct stacks *stacks, enum stack_value value)
{
	for (size_t i = 0; i < stacks->row_count; i++)
		if (stack_value_of(&stacks->rows[i], value) >= 0)
			return true;
	return !stacks->row_count;
}
