// SPDX-License-Identifier: MIT
/* Nodes, places and strings, each found by hash while the tree grows. See flame_tree.h; cutting is in flame_cut.c. */
#include "output/flame_tree.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"
#include "snapshot/lookup.h"

struct flame_index {
	struct lookup nodes, places, strings;
	size_t node_room, line_room, place_room, string_room;
};

/* Room for one more, which is cleared; 0, or -1 when out of memory. */
static int make_room(void *array, size_t *room, size_t count, size_t size)
{
	char *members;

	if (room_for_one(array, room, count, size))
		return -1;
	memcpy(&members, array, sizeof(members));
	memset(members + count * size, 0, size);
	return 0;
}

static bool same_string(const void *context, uint32_t entry, const void *key)
{
	return !strcmp(((const struct flame_tree *)context)->strings[entry], key);
}

/* The number of the string; LOOKUP_NONE when out of memory. */
static uint32_t string_number(struct flame_tree *tree, const char *string)
{
	struct flame_index *index = tree->index;
	uint32_t hash = lookup_hash(LOOKUP_START, string, strlen(string));
	uint32_t entry = lookup_find(&index->strings, hash, same_string, tree, string);

	if (entry != LOOKUP_NONE)
		return entry;
	if (make_room(&tree->strings, &index->string_room, tree->string_count, sizeof(*tree->strings)) ||
	    lookup_add(&index->strings, hash, tree->string_count))
		return LOOKUP_NONE;
	tree->strings[tree->string_count] = string;
	return tree->string_count++;
}

/* The same function; where that isn't known, the same address. */
static bool same_place(const void *context, uint32_t entry, const void *key)
{
	const struct frame *one = ((const struct flame_tree *)context)->places[entry], *other = key;

	return !strcmp(one->function, other->function) && !strcmp(one->object, other->object) &&
	       !strcmp(one->source, other->source) && one->inlined == other->inlined && one->kernel == other->kernel &&
	       (one->function[0] || one->address == other->address);
}

/* The number of the place; LOOKUP_NONE when out of memory. */
static uint32_t place_number(struct flame_tree *tree, const struct frame *frame)
{
	struct flame_index *index = tree->index;
	uint32_t hash = lookup_hash(LOOKUP_START, frame->function, strlen(frame->function));
	uint32_t entry;

	hash = lookup_hash(hash, frame->object, strlen(frame->object));
	if (!frame->function[0])
		hash = lookup_hash(hash, &frame->address, sizeof(frame->address));
	entry = lookup_find(&index->places, hash, same_place, tree, frame);
	if (entry != LOOKUP_NONE)
		return entry;
	if (make_room(&tree->places, &index->place_room, tree->place_count, sizeof(*tree->places)) ||
	    lookup_add(&index->places, hash, tree->place_count))
		return LOOKUP_NONE;
	tree->places[tree->place_count] = frame;
	return tree->place_count++;
}

static bool same_node(const void *context, uint32_t entry, const void *key)
{
	const struct flame_node *one = &((const struct flame_tree *)context)->nodes[entry], *other = key;

	return one->parent == other->parent && one->kind == other->kind && one->item == other->item &&
	       one->region == other->region && one->cause == other->cause;
}

/* The child that is like this one; LOOKUP_NONE when out of memory. */
static uint32_t child_like(struct flame_tree *tree, const struct flame_node *like)
{
	struct flame_index *index = tree->index;
	uint32_t hash = lookup_hash(LOOKUP_START, &like->parent, sizeof(like->parent));
	uint32_t entry;

	hash = lookup_hash(hash, &like->item, sizeof(like->item));
	hash = lookup_hash(hash, &like->kind, sizeof(like->kind));
	hash = lookup_hash(hash, &like->region, sizeof(like->region));
	entry = lookup_find(&index->nodes, hash, same_node, tree, like);
	if (entry != LOOKUP_NONE)
		return entry;
	if (make_room(&tree->nodes, &index->node_room, tree->node_count, sizeof(*tree->nodes)) ||
	    lookup_add(&index->nodes, hash, tree->node_count))
		return LOOKUP_NONE;
	tree->nodes[tree->node_count] = *like;
	tree->nodes[tree->node_count].sibling = tree->nodes[like->parent].child;
	tree->nodes[like->parent].child = tree->node_count;
	return tree->node_count++;
}

struct flame_tree *flame_tree_new(enum flame_code code, bool by_process)
{
	static const struct frame unknown = {.function = "", .object = "", .source = ""};
	struct flame_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->code = code;
	tree->by_process = by_process;
	tree->index = calloc(1, sizeof(*tree->index));
	if (!tree->index || string_number(tree, "") || place_number(tree, &unknown) ||
	    make_room(&tree->nodes, &tree->index->node_room, 0, sizeof(*tree->nodes)) ||
	    make_room(&tree->lines, &tree->index->line_room, 0, sizeof(*tree->lines))) {
		flame_tree_free(tree);
		return NULL;
	}
	tree->node_count = 1;
	tree->line_count = 1;
	return tree;
}

void flame_tree_free(struct flame_tree *tree)
{
	if (!tree)
		return;
	if (tree->index) {
		lookup_free(&tree->index->nodes);
		lookup_free(&tree->index->places);
		lookup_free(&tree->index->strings);
	}
	free(tree->index);
	free(tree->nodes);
	free(tree->lines);
	free(tree->places);
	free(tree->strings);
	free(tree);
}

static int add_line(struct flame_tree *tree, uint32_t node, uint32_t line, double faults)
{
	uint32_t at = tree->nodes[node].lines;

	if (!line)
		return 0;
	while (at && tree->lines[at].line != line)
		at = tree->lines[at].next;
	if (!at) {
		if (make_room(&tree->lines, &tree->index->line_room, tree->line_count, sizeof(*tree->lines)))
			return -1;
		at = tree->line_count++;
		tree->lines[at] = (struct flame_line){.line = line, .next = tree->nodes[node].lines};
		tree->nodes[node].lines = at;
	}
	tree->lines[at].faults += faults;
	return 0;
}

static void add_costs(struct flame_costs *costs, const double *values, unsigned int side)
{
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
		costs->value[side][value] += values[value] > 0 ? values[value] : 0;
}

/* A row's frames below the node, the outermost first; the innermost one's node, or LOOKUP_NONE. */
static uint32_t add_frames(struct flame_tree *tree, const struct stacks *stacks, const uint32_t *places,
    const struct stack_row *row, uint32_t node)
{
	const struct frames *frames = tree->code == FLAME_ALLOCATED ? &row->key.allocated : &row->key.touched;
	size_t count = frames->count ? frames->count : 1;

	while (count-- && node != LOOKUP_NONE) {
		uint32_t frame = frames->count ? frames->frame[count] : 0;
		struct flame_node like = {.kind = FLAME_FRAME, .item = places[frame], .parent = node};

		node = child_like(tree, &like);
		if (node != LOOKUP_NONE && add_line(tree, node, stacks->frames[frame].line, row->all_faults))
			node = LOOKUP_NONE;
	}
	return node;
}

static uint32_t add_path(
    struct flame_tree *tree, const struct stacks *stacks, const uint32_t *places, const struct stack_row *row)
{
	struct flame_node leaf = {.kind = FLAME_LEAF, .region = row->key.region, .cause = row->key.cause};
	struct flame_node process = {.kind = FLAME_PROCESS};
	uint32_t node = 0;

	leaf.item = string_number(tree, row->key.detail);
	process.item = string_number(tree, row->key.comm);
	if (leaf.item == LOOKUP_NONE || process.item == LOOKUP_NONE)
		return LOOKUP_NONE;
	if (tree->by_process && row->key.comm[0])
		node = child_like(tree, &process);
	if (node != LOOKUP_NONE)
		node = add_frames(tree, stacks, places, row, node);
	leaf.parent = node;
	return node == LOOKUP_NONE ? LOOKUP_NONE : child_like(tree, &leaf);
}

static int add_row(struct flame_tree *tree, const struct stacks *stacks, const uint32_t *places,
    const struct stack_row *row, unsigned int side)
{
	double values[STACK_VALUE_COUNT];
	uint32_t node = add_path(tree, stacks, places, row);

	if (node == LOOKUP_NONE)
		return -1;
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
		values[value] = stack_value_of(row, value);
		if (values[value] < 0)
			tree->unknown.value[side][value] += row->all_faults;
	}
	add_costs(&tree->regions[row->key.region], values, side);
	for (; node; node = tree->nodes[node].parent)
		add_costs(&tree->nodes[node].costs, values, side);
	add_costs(&tree->nodes[0].costs, values, side);
	return 0;
}

int flame_tree_add(struct flame_tree *tree, const struct stacks *stacks, unsigned int side)
{
	uint32_t *places = malloc(stacks->frame_count * sizeof(*places));
	int result = places ? 0 : -1;

	for (size_t i = 0; !result && i < stacks->frame_count; i++) {
		places[i] = i ? place_number(tree, &stacks->frames[i]) : 0;
		result = places[i] == LOOKUP_NONE ? -1 : 0;
	}
	for (size_t i = 0; !result && i < stacks->row_count; i++)
		result = add_row(tree, stacks, places, &stacks->rows[i], side);
	free(places);
	return result;
}
