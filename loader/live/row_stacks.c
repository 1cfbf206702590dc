// SPDX-License-Identifier: MIT
/* Rows of stacks and functions, and what rows of all kinds go through. See row_build.h. */
#include "live/row_build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/group.h"
#include "snapshot/lookup.h"
#include "snapshot/stacks.h"

static struct figures figures_of(const struct group_cost *cost)
{
	struct figures figures = row_nothing(NULL);

	figures.faults = cost_figure(cost->faults);
	figures.zeroed_bytes = cost_figure(cost->zeroed_bytes);
	figures.fault_ns = cost_figure(cost->fault_ns);
	return figures;
}

/* "memset < fill < main": whoever touched the memory first. */
static char *stack_words(const struct stacks *stacks, const struct frames *frames)
{
	char *text = NULL, name[FRAME_TEXT];
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	for (size_t i = 0; i < frames->count; i++)
		fprintf(file, "%s%s", i ? " < " : "", frame_name(&stacks->frames[frames->frame[i]], name));
	if (!frames->count)
		fputs("(no stack is known)", file);
	fclose(file);
	return text;
}

static char *words_of(const struct groups *groups, const struct group_row *from, const struct stacks *stacks)
{
	if (groups->by == GROUP_STACK)
		return stack_words(stacks, &from->frames);
	if (from->rest)
		return strdup("(no stack is known)");
	return strdup(from->name[0] ? from->name : from->object);
}

static bool same_row(const void *context, uint32_t entry, const void *key)
{
	const struct row *row = &((const struct rows *)context)->list[entry], *other = key;

	return row->region == other->region && !strcmp(row->detail, other->detail) && !strcmp(row->name, other->name);
}

static uint32_t hash_of(const struct row *row)
{
	return lookup_hash(lookup_hash(LOOKUP_START, row->name, strlen(row->name)), row->detail, strlen(row->detail));
}

/* Its row: the one that is there already, else a new one, whose strings it then is. NULL when out of memory. */
static struct row *row_of(struct rows *rows, struct lookup *known, struct row *key)
{
	uint32_t hash, entry;
	struct row *row;

	if (!key->detail || !key->name)
		return NULL;
	hash = hash_of(key);
	entry = lookup_find(known, hash, same_row, rows, key);
	if (entry != LOOKUP_NONE)
		return &rows->list[entry];
	row = row_add(rows);
	if (!row)
		return NULL;
	*row = *key;
	key->detail = key->name = NULL;
	return lookup_add(known, hash, rows->count - 1) ? NULL : row;
}

struct making {
	struct rows *rows;
	struct lookup known;
	const struct snapshot *now, *total;
	bool functions;
};

/* The detail of a function's row is the object that it is in, for rows of it to be told from others of that name. */
static int put(struct making *making, const struct groups *groups, const struct snapshot *snapshot)
{
	bool of_stack = groups->by == GROUP_STACK;

	for (size_t i = 0; i < groups->count; i++) {
		const struct group_row *from = &groups->rows[i];
		struct row key = {
		    .region = from->region,
		    .detail = strdup(of_stack ? from->name : from->object),
		    .name = words_of(groups, from, snapshot->stacks),
		    .yours = YOURS_UNKNOWN,
		    .size = UNKNOWN,
		    .now = row_nothing(making->now),
		    .total = row_nothing(making->total),
		};
		struct row *row = row_of(making->rows, &making->known, &key);

		free(key.detail);
		free(key.name);
		if (!row)
			return -1;
		*(snapshot == making->now ? &row->now : &row->total) = figures_of(of_stack ? &from->cost : &from->self);
	}
	return 0;
}

static int put_of(struct making *making, const struct snapshot *snapshot)
{
	struct groups *groups;
	int result;

	if (!snapshot || !snapshot->stacks)
		return 0;
	groups = group_snapshot(snapshot, making->functions ? GROUP_FUNCTION : GROUP_STACK, STACK_VALUE_FAULTS);
	if (!groups)
		return -1;
	making->rows->estimated |= groups->estimated;
	result = put(making, groups, snapshot);
	groups_free(groups);
	return result;
}

int row_stacks(struct rows *rows, bool functions, const struct snapshot *now, const struct snapshot *total)
{
	/* A slice that has lost its stacks says nothing of any. */
	const struct snapshot *known = now && now->stacks ? now : NULL;
	struct making making = {.rows = rows, .now = known, .total = total, .functions = functions};
	int result;

	if (!total->stacks) {
		rows->missing = "no call stacks are taken: start hakmem-trace top with --stacks";
		return 0;
	}
	result = put_of(&making, total) || put_of(&making, known) ? -1 : 0;
	lookup_free(&making.known);
	return result;
}

static bool fits(const struct row *row, const char *filter)
{
	char pid[16] = "";

	if (row->pid)
		snprintf(pid, sizeof(pid), "%" PRIu32, row->pid);
	return strcasestr(row->detail, filter) || strcasestr(row->name, filter) || strstr(pid, filter) ||
	       (row->region < REGION_COUNT && strcasestr(region_name(row->region), filter));
}

void row_filter(struct rows *rows, const char *filter)
{
	size_t kept = 0;

	if (!filter || !*filter)
		return;
	for (size_t i = 0; i < rows->count; i++) {
		if (fits(&rows->list[i], filter)) {
			rows->list[kept++] = rows->list[i];
		} else {
			free(rows->list[i].detail);
			free(rows->list[i].name);
		}
	}
	rows->count = kept;
}
