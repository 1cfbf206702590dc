// SPDX-License-Identifier: MIT
/*
 * Cuts from the tree what is too small to be seen: a page stays small, and opens at once. What was cut is still in the
 * costs of the callers.
 */
#include <stdlib.h>

#include "output/flame_tree.h"

/* A ten-thousandth of a page's width is less than a pixel, also when a reader zooms in a few times. */
#define LEAST_SHARE 1e-4

/* The largest share of all that the node has of anything. */
static double share(const struct flame_tree *tree, const struct flame_node *node)
{
	double largest = 0;

	for (unsigned int side = 0; side < FLAME_SIDES; side++)
		for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
			double all = tree->nodes[0].costs.value[side][value];
			double part = all > 0 ? node->costs.value[side][value] / all : 0;

			if (part > largest)
				largest = part;
		}
	return largest;
}

static size_t count_from(const struct flame_tree *tree, double least)
{
	size_t count = 1;

	for (size_t i = 1; i < tree->node_count; i++)
		count += share(tree, &tree->nodes[i]) >= least;
	return count;
}

static double all_faults(const struct flame_node *node)
{
	double sum = 0;

	for (unsigned int side = 0; side < FLAME_SIDES; side++)
		sum += node->costs.value[side][STACK_VALUE_FAULTS];
	return sum;
}

/* The most faults first; of equal ones the first that was added. */
static int compare(const void *one, const void *other, void *context)
{
	const struct flame_node *nodes = context;
	uint32_t first = *(const uint32_t *)one, second = *(const uint32_t *)other;
	double a = all_faults(&nodes[first]), b = all_faults(&nodes[second]);

	if (a != b)
		return a > b ? -1 : 1;
	return first < second ? -1 : first > second;
}

/* Children in order, without those that are cut; `room` has place for all nodes. */
static void finish_children(struct flame_tree *tree, struct flame_node *node, uint32_t *room)
{
	size_t count = 0;

	for (uint32_t child = node->child; child; child = tree->nodes[child].sibling) {
		if (share(tree, &tree->nodes[child]) >= tree->least) {
			room[count++] = child;
			continue;
		}
		for (unsigned int side = 0; side < FLAME_SIDES; side++)
			for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
				node->cut.value[side][value] += tree->nodes[child].costs.value[side][value];
	}
	qsort_r(room, count, sizeof(*room), compare, tree->nodes);
	node->child = count ? room[0] : 0;
	for (size_t i = 0; i < count; i++)
		tree->nodes[room[i]].sibling = i + 1 < count ? room[i + 1] : 0;
}

/* From which numbers are in use to their new ones; how many these are. 0 always is one, and stays. */
static size_t renumber(uint32_t *used, size_t count)
{
	size_t next = 1;

	used[0] = 0;
	for (size_t i = 1; i < count; i++)
		used[i] = used[i] ? next++ : 0;
	return next;
}

static bool is_string(const struct flame_node *node)
{
	return node->kind == FLAME_PROCESS || node->kind == FLAME_LEAF;
}

/* Forget places and strings that only nodes which were cut had. */
static int forget_unused(struct flame_tree *tree)
{
	uint32_t *places = calloc(tree->place_count, sizeof(*places));
	uint32_t *strings = calloc(tree->string_count, sizeof(*strings));
	size_t place_count = tree->place_count, string_count = tree->string_count;

	if (!places || !strings) {
		free(places);
		free(strings);
		return -1;
	}
	for (size_t i = 1; i < tree->node_count; i++)
		if (share(tree, &tree->nodes[i]) >= tree->least)
			(is_string(&tree->nodes[i]) ? strings : places)[tree->nodes[i].item] = 1;
	tree->place_count = renumber(places, place_count);
	tree->string_count = renumber(strings, string_count);
	for (size_t i = 0; i < place_count; i++)
		if (places[i])
			tree->places[places[i]] = tree->places[i];
	for (size_t i = 0; i < string_count; i++)
		if (strings[i])
			tree->strings[strings[i]] = tree->strings[i];
	for (size_t i = 1; i < tree->node_count; i++)
		tree->nodes[i].item = (is_string(&tree->nodes[i]) ? strings : places)[tree->nodes[i].item];
	free(places);
	free(strings);
	return 0;
}

int flame_tree_finish(struct flame_tree *tree, size_t most)
{
	uint32_t *room = malloc(tree->node_count * sizeof(*room));
	size_t left;

	if (!room)
		return -1;
	tree->least = LEAST_SHARE;
	while ((left = count_from(tree, tree->least)) > most)
		tree->least *= 1.25;
	tree->cut_count = tree->node_count - left;
	for (size_t i = 0; i < tree->node_count; i++)
		finish_children(tree, &tree->nodes[i], room);
	free(room);
	return forget_unused(tree);
}
