// SPDX-License-Identifier: MIT
/* The page: its parts before and behind the data, and in between the data as JSON that no HTML parser trips over. */
#include "output/flame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/json_value.h"

/* A browser draws so many at once without being felt to. */
#define MOST_NODES 20000

struct sides {
	const struct snapshot *snapshot[FLAME_SIDES];
	unsigned int count;
};

static bool several_processes(const struct sides *sides)
{
	const char *first = NULL;

	for (unsigned int side = 0; side < sides->count; side++) {
		const struct stacks *stacks = sides->snapshot[side]->stacks;

		for (size_t i = 0; i < stacks->row_count; i++) {
			if (!stacks->rows[i].key.comm[0])
				continue; /* no stack */
			first = first ? first : stacks->rows[i].key.comm;
			if (strcmp(first, stacks->rows[i].key.comm) != 0)
				return true;
		}
	}
	return false;
}

static json_t *tree(const struct sides *sides, enum flame_code code)
{
	struct flame_tree *tree = flame_tree_new(code, several_processes(sides));
	json_t *json = NULL;
	int failed = !tree;

	for (unsigned int side = 0; !failed && side < sides->count; side++)
		failed = flame_tree_add(tree, sides->snapshot[side]->stacks, side);
	if (!failed && !flame_tree_finish(tree, MOST_NODES))
		json = flame_tree_json(tree, sides->count);
	flame_tree_free(tree);
	return json;
}

static json_t *trees(const struct sides *sides)
{
	json_t *array = json_array();
	bool allocated = false;

	for (unsigned int side = 0; side < sides->count; side++)
		allocated |= sides->snapshot[side]->stacks->allocation_sites;
	json_value_append(&array, tree(sides, FLAME_TOUCHED));
	if (allocated)
		json_value_append(&array, tree(sides, FLAME_ALLOCATED));
	return array;
}

static json_t *all_facts(const struct sides *sides)
{
	json_t *array = json_array();

	for (unsigned int side = 0; side < sides->count; side++)
		json_value_append(&array, flame_facts(sides->snapshot[side]));
	return array;
}

static json_t *region_names(void)
{
	json_t *array = json_array();

	for (enum region region = 0; region < REGION_COUNT; region++)
		json_value_append(&array, json_string(region_name(region)));
	return array;
}

static json_t *cause_names(void)
{
	json_t *array = json_array();

	for (enum fault_cause cause = 0; cause < FAULT_CAUSE_COUNT; cause++)
		json_value_append(&array, json_string(fault_cause_name(cause)));
	return array;
}

static json_t *data(const struct sides *sides, enum stack_value first)
{
	bool sampled = false;

	for (unsigned int side = 0; side < sides->count; side++)
		sampled |= sides->snapshot[side]->stacks->sampled;
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "version", HAKMEM_VERSION, "first",
	    stack_value_name(first), "sampled", sampled, "regions", region_names(), "causes", cause_names(), "sides",
	    all_facts(sides), "trees", trees(sides));
}

/* A name may hold "</script>", which would end the data: "<" is only ever within strings. */
static int write_piece(const char *piece, size_t size, void *context)
{
	FILE *file = context;

	for (size_t i = 0; i < size; i++)
		if ((piece[i] == '<' ? fputs("\\u003c", file) : fputc(piece[i], file)) == EOF)
			return -1;
	return 0;
}

/* Built whole before the first byte is written: out of memory leaves no half page. */
static int write_page(const struct sides *sides, enum stack_value first, FILE *file)
{
	const char *place = strstr(flame_page, FLAME_PLACE);
	json_t *json = data(sides, first);
	int failed;

	if (!json) {
		errno = ENOMEM;
		return -1;
	}
	fwrite(flame_page, 1, place - flame_page, file);
	failed =
	    json_dump_callback(json, write_piece, file, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	fputs(place + strlen(FLAME_PLACE), file);
	json_decref(json);
	return failed || ferror(file) || fflush(file) ? -1 : 0;
}

int flame_diff(
    const struct snapshot *before, const struct snapshot *after, const struct output_options *options, FILE *file)
{
	if (!before->stacks || !after->stacks) {
		errno = EINVAL;
		return -1;
	}
	return write_page(&(struct sides){{before, after}, 2}, options->value, file);
}

int output_flame(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	if (!snapshot->stacks) {
		errno = EINVAL;
		return -1;
	}
	return write_page(&(struct sides){{snapshot}, 1}, options->value, file);
}
