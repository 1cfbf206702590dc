// SPDX-License-Identifier: MIT
/*
 * A tree as JSON. Its nodes are one flat list in preorder, each an array that begins with its depth and kind:
 *   [depth, 0, place, lines]                     a function; lines: 0, one number, or [line, its faults, ...]
 *   [depth, 1, string]                           a process
 *   [depth, 2, region, cause, string, costs...]  a leaf: whose memory, why, its detail
 *   [depth, 3, costs...]                         children that were cut
 * What a node costs is the sum of the last two below it. Costs are those of enum stack_value, side by side.
 */
#include <stdlib.h>

#include "output/flame.h"
#include "output/json_value.h"
#include "output/lines.h"
#include "output/text.h"

#define MOST_LINES   4
#define LONGEST_NAME 300

enum data_part {
	PART_FUNCTION,
	PART_PROCESS,
	PART_LEAF,
	PART_CUT,
};

static void append_costs(json_t **array, const struct flame_costs *costs, unsigned int sides)
{
	for (unsigned int side = 0; side < sides; side++)
		for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
			json_value_append(array, json_value_number(costs->value[side][value]));
}

static int compare_lines(const void *one, const void *other)
{
	const struct flame_line *a = one, *b = other;

	if (a->faults != b->faults)
		return a->faults > b->faults ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* The costliest lines of a node, and how many there are of them. */
static size_t costliest_lines(
    const struct flame_tree *tree, const struct flame_node *node, struct flame_line most[MOST_LINES + 1])
{
	size_t count = 0;

	for (uint32_t at = node->lines; at; at = tree->lines[at].next) {
		most[count++] = tree->lines[at];
		qsort(most, count, sizeof(*most), compare_lines);
		if (count > MOST_LINES)
			count = MOST_LINES;
	}
	return count;
}

static json_t *lines(const struct flame_tree *tree, const struct flame_node *node)
{
	struct flame_line most[MOST_LINES + 1];
	size_t count = costliest_lines(tree, node, most);
	json_t *array;

	if (count < 2)
		return json_integer(count ? most[0].line : 0);
	array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_value_append(&array, json_integer(most[i].line));
		json_value_append(&array, json_value_number(most[i].faults));
	}
	return array;
}

static json_t *node(
    const struct flame_tree *tree, const struct flame_node *node, unsigned int depth, unsigned int sides)
{
	json_t *leaf;

	switch (node->kind) {
	case FLAME_LEAF:
		leaf = json_pack("[i, i, i, i, i]", depth, PART_LEAF, node->region, node->cause, node->item);
		append_costs(&leaf, &node->costs, sides);
		return leaf;
	case FLAME_PROCESS:
		return json_pack("[i, i, i]", depth, PART_PROCESS, node->item);
	default:
		return json_pack("[i, i, i, o]", depth, PART_FUNCTION, node->item, lines(tree, node));
	}
}

static bool is_cut(const struct flame_node *node)
{
	for (unsigned int side = 0; side < FLAME_SIDES; side++)
		for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
			if (node->cut.value[side][value] > 0)
				return true;
	return false;
}

static void append_cut(json_t **array, const struct flame_node *node, unsigned int depth, unsigned int sides)
{
	json_t *cut;

	if (!is_cut(node))
		return;
	cut = json_pack("[i, i]", depth, PART_CUT);
	append_costs(&cut, &node->cut, sides);
	json_value_append(array, cut);
}

/* Preorder; the root is there without being said. */
static json_t *nodes(const struct flame_tree *tree, unsigned int sides)
{
	json_t *array = json_array();
	unsigned int depth = 1;
	uint32_t at = tree->nodes[0].child;

	append_cut(&array, &tree->nodes[0], depth, sides);
	while (at) {
		json_value_append(&array, node(tree, &tree->nodes[at], depth, sides));
		append_cut(&array, &tree->nodes[at], depth + 1, sides);
		if (tree->nodes[at].child) {
			at = tree->nodes[at].child;
			depth++;
			continue;
		}
		while (at && !tree->nodes[at].sibling) {
			at = tree->nodes[at].parent;
			depth--;
		}
		if (at)
			at = tree->nodes[at].sibling;
	}
	return array;
}

/* Of a name that is longer than anybody reads, the beginning. */
static json_t *name(const struct frame *frame)
{
	char text[FRAME_TEXT];
	char *valid = text_valid_utf8(frame_name(frame, text));

	if (!valid)
		return NULL;
	lines_cut(valid, LONGEST_NAME);
	return json_value_owned(valid);
}

/* [name, object, source, 1 if inlined + 2 if the kernel's] */
static json_t *place(const struct frame *frame)
{
	return json_pack("[o, o, o, i]", name(frame), json_value_string(frame->object),
	    json_value_string(frame->source), frame->inlined + 2 * frame->kernel);
}

static json_t *places(const struct flame_tree *tree)
{
	json_t *array = json_array();

	for (size_t i = 0; i < tree->place_count; i++)
		json_value_append(&array, place(tree->places[i]));
	return array;
}

static json_t *strings(const struct flame_tree *tree)
{
	json_t *array = json_array();

	for (size_t i = 0; i < tree->string_count; i++)
		json_value_append(&array, json_value_string(tree->strings[i]));
	return array;
}

static json_t *costs(const struct flame_costs *costs, unsigned int sides)
{
	json_t *array = json_array();

	append_costs(&array, costs, sides);
	return array;
}

static json_t *regions(const struct flame_tree *tree, unsigned int sides)
{
	json_t *array = json_array();

	for (enum region region = 0; region < REGION_COUNT; region++)
		json_value_append(&array, costs(&tree->regions[region], sides));
	return array;
}

json_t *flame_tree_json(const struct flame_tree *tree, unsigned int sides)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:f}", "code",
	    tree->code == FLAME_ALLOCATED ? "allocated" : "touched", "places", places(tree), "strings", strings(tree),
	    "nodes", nodes(tree, sides), "regions", regions(tree, sides), "unknown", costs(&tree->unknown, sides),
	    "cut_count", json_integer(tree->cut_count), "least", tree->least);
}
