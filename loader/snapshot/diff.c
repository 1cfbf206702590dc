// SPDX-License-Identifier: MIT
/* Life and names of a difference. See diff.h. */
#include "snapshot/diff.h"

#include <stdlib.h>

const char *diff_verdict_name(enum diff_verdict verdict)
{
	static const char *const names[] = {
	    [DIFF_NOT_MEASURED] = "not-measured",
	    [DIFF_EQUAL] = "equal",
	    [DIFF_LESS] = "less",
	    [DIFF_MORE] = "more",
	    [DIFF_NOISE] = "noise",
	    [DIFF_UNKNOWN] = "unknown",
	};

	return names[verdict];
}

const char *diff_kind_name(enum diff_kind kind)
{
	static const char *const names[DIFF_KINDS] = {
	    [DIFF_REGIONS] = "region",
	    [DIFF_DETAILS] = "detail",
	    [DIFF_FUNCTIONS] = "function",
	    [DIFF_STACKS] = "stack",
	};

	return names[kind];
}

struct diff *diff_new(void)
{
	return calloc(1, sizeof(struct diff));
}

static void free_table(struct diff_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->rows[i].name);
		free(table->rows[i].object);
		strings_free(table->rows[i].frames);
	}
	free(table->rows);
}

void diff_free(struct diff *diff)
{
	if (!diff)
		return;
	for (size_t side = 0; side < 2; side++) {
		free(diff->sides[side].files);
		free(diff->sides[side].command);
	}
	strings_free(diff->cautions);
	free(diff->totals);
	for (enum diff_kind kind = 0; kind < DIFF_KINDS; kind++)
		free_table(&diff->tables[kind]);
	free(diff);
}
