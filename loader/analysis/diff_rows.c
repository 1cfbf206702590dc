// SPDX-License-Identifier: MIT
/*
 * Rows of several runs put side by side: the same row is one with the same names, and a run that has none had none of
 * it. See diff.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diff.h"
#include "snapshot/group.h"
#include "snapshot/lookup.h"

/* Rows as they come, with the figures of each run. */
struct gathering {
	struct lookup lookup;
	char **keys;
	double *values; /* [row][value][run] */
	struct diff_table *table;
	size_t runs, room;
};

static bool same_key(const void *context, uint32_t entry, const void *key)
{
	return !strcmp(((const struct gathering *)context)->keys[entry], key);
}

/* All that tells a row apart, in one string; the caller frees it. */
static char *key_of(const struct group_row *row, const struct snapshot *snapshot)
{
	char *key = NULL, name[FRAME_TEXT];
	size_t size = 0;
	FILE *file = open_memstream(&key, &size);

	if (!file)
		return NULL;
	/* A function's region is its stacks', which may be others in another run; so is a stack's detail. */
	fprintf(file, "%d\n%s\n%s", row->object[0] ? REGION_COUNT : (int)row->region,
	    row->frames.count ? "" : row->name, row->object);
	for (size_t i = 0; i < row->frames.count; i++) {
		const struct frame *frame = &snapshot->stacks->frames[row->frames.frame[i]];

		/* Addresses of what has no name differ from build to build. */
		fprintf(file, "\n%s", frame->function[0] ? frame_name(frame, name) : frame->object);
	}
	fclose(file);
	return key;
}

static char **frame_names(const struct group_row *row, const struct snapshot *snapshot)
{
	char **names = calloc(row->frames.count + 1, sizeof(*names)), text[FRAME_TEXT];

	for (size_t i = 0; names && i < row->frames.count; i++) {
		const struct frame *frame = &snapshot->stacks->frames[row->frames.frame[i]];

		names[i] = strdup(frame->function[0] || !frame->object[0] ? frame_name(frame, text) : frame->object);
		if (!names[i]) {
			strings_free(names);
			return NULL;
		}
	}
	return names;
}

static int make_room(struct gathering *gathering)
{
	struct diff_table *table = gathering->table;
	size_t room = gathering->room ? 2 * gathering->room : 64, figures = STACK_VALUE_COUNT * gathering->runs;
	void *rows, *keys, *values;

	if (table->count < gathering->room)
		return 0;
	rows = reallocarray(table->rows, room, sizeof(*table->rows));
	if (rows)
		table->rows = rows;
	keys = reallocarray(gathering->keys, room, sizeof(*gathering->keys));
	if (keys)
		gathering->keys = keys;
	values = reallocarray(gathering->values, room, figures * sizeof(*gathering->values));
	if (values)
		gathering->values = values;
	if (!rows || !keys || !values)
		return -1;
	gathering->room = room;
	return 0;
}

/* The number of the row; LOOKUP_NONE when out of memory. */
static uint32_t new_row(
    struct gathering *gathering, char *key, uint32_t hash, const struct group_row *row, const struct snapshot *snapshot)
{
	struct diff_table *table = gathering->table;
	size_t figures = STACK_VALUE_COUNT * gathering->runs;
	struct diff_row made = {.region = row->object[0] ? REGION_COUNT : row->region};

	if (make_room(gathering))
		return LOOKUP_NONE;
	made.name = strdup(row->name);
	made.object = strdup(row->object);
	made.frames = row->frames.count ? frame_names(row, snapshot) : NULL;
	/* It is the table's from here on, and freed with it. */
	table->rows[table->count] = made;
	gathering->keys[table->count] = key;
	memset(gathering->values + table->count * figures, 0, figures * sizeof(*gathering->values));
	if (!made.name || !made.object || (row->frames.count && !made.frames) ||
	    lookup_add(&gathering->lookup, hash, table->count)) {
		free(made.name);
		free(made.object);
		strings_free(made.frames);
		return LOOKUP_NONE;
	}
	return table->count++;
}

static int gather_row(
    struct gathering *gathering, const struct group_row *row, const struct snapshot *snapshot, size_t run)
{
	char *key = key_of(row, snapshot);
	uint32_t hash = key ? lookup_hash(LOOKUP_START, key, strlen(key)) : 0;
	uint32_t entry = key ? lookup_find(&gathering->lookup, hash, same_key, gathering, key) : LOOKUP_NONE;
	double *values;

	if (!key)
		return -1;
	if (entry == LOOKUP_NONE) {
		entry = new_row(gathering, key, hash, row, snapshot);
		if (entry == LOOKUP_NONE) {
			free(key);
			return -1;
		}
	} else {
		free(key);
		if (strcmp(gathering->table->rows[entry].name, row->name) != 0)
			gathering->table->rows[entry].name[0] = '\0'; /* several */
	}
	values = gathering->values + entry * STACK_VALUE_COUNT * gathering->runs + run;
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
		values[value * gathering->runs] += cost_value(&row->self, value);
	return 0;
}

static struct groups *groups_of(enum diff_kind kind, const struct snapshot *snapshot)
{
	switch (kind) {
	case DIFF_REGIONS:
		return group_snapshot(snapshot, GROUP_REGION, STACK_VALUE_FAULTS);
	case DIFF_DETAILS:
		return group_snapshot(snapshot, GROUP_DETAIL, STACK_VALUE_FAULTS);
	case DIFF_FUNCTIONS:
		return group_snapshot(snapshot, GROUP_FUNCTION, STACK_VALUE_FAULTS);
	default:
		return group_calls(snapshot);
	}
}

static int gather(struct gathering *gathering, enum diff_kind kind, const struct snapshot *snapshot, size_t run)
{
	struct groups *groups = groups_of(kind, snapshot);
	int failed = groups ? 0 : -1;

	for (size_t i = 0; !failed && i < groups->count; i++)
		if (!groups->rows[i].rest)
			failed = gather_row(gathering, &groups->rows[i], snapshot, run);
	groups_free(groups);
	return failed;
}

static int compare_rows(const void *left, const void *right, void *context)
{
	const struct diff_row *a = left, *b = right;
	enum stack_value value = *(const enum stack_value *)context;
	double one = fabs(a->changes[value].change), other = fabs(b->changes[value].change);

	if (isnan(one) || isnan(other))
		one = other = 0;
	if (one != other)
		return one < other ? 1 : -1;
	one = fmax(a->changes[value].before, a->changes[value].after);
	other = fmax(b->changes[value].before, b->changes[value].after);
	if (one != other)
		return one < other ? 1 : -1;
	if (a->region != b->region)
		return (int)a->region - (int)b->region;
	return strcmp(a->name, b->name);
}

static int finish(struct diff *diff, struct gathering *gathering, const struct diff_input sides[2])
{
	struct diff_table *table = gathering->table;

	for (size_t row = 0; row < table->count; row++)
		for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
			table->rows[row].changes[value] =
			    diff_change_of(gathering->values + (row * STACK_VALUE_COUNT + value) * gathering->runs,
			        sides[0].count, sides[1].count);
	if (!table->count)
		return 0;
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
		if (diff_judge(&table->rows[0].changes[value], table->count, sizeof(table->rows[0])))
			return -1;
	qsort_r(table->rows, table->count, sizeof(*table->rows), compare_rows, &diff->value);
	return 0;
}

static bool has_stacks(const struct diff_input sides[2])
{
	for (size_t side = 0; side < 2; side++)
		for (size_t run = 0; run < sides[side].count; run++)
			if (!sides[side].runs[run]->stacks)
				return false;
	return true;
}

int diff_fill_table(struct diff *diff, enum diff_kind kind, const struct diff_input sides[2])
{
	struct gathering gathering = {.table = &diff->tables[kind], .runs = sides[0].count + sides[1].count};
	int failed = 0;

	gathering.table->known = kind == DIFF_REGIONS || kind == DIFF_DETAILS || has_stacks(sides);
	if (!gathering.table->known)
		return 0;
	for (size_t side = 0; side < 2; side++)
		for (size_t run = 0; !failed && run < sides[side].count; run++)
			failed = gather(&gathering, kind, sides[side].runs[run], run + (side ? sides[0].count : 0));
	for (size_t i = 0; i < gathering.table->count; i++)
		free(gathering.keys[i]);
	if (!failed)
		failed = finish(diff, &gathering, sides);
	free(gathering.keys);
	free(gathering.values);
	lookup_free(&gathering.lookup);
	return failed;
}
