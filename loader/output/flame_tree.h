/* SPDX-License-Identifier: MIT */
/*
 * The stacks of one snapshot, or of two to compare, merged into one tree from the outermost caller inwards. A stack
 * ends in a leaf that says whose memory it was and why the fault happened. Frames that differ only in the line or the
 * address of one function are one node.
 *
 * Strings and frames stay those of the stacks that were added, which must outlive the tree. Not thread-safe.
 */
#ifndef FLAME_TREE_H
#define FLAME_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/snapshot.h"
#include "snapshot/stack_value.h"
#include "snapshot/stacks.h"

/* Which stacks of a row. */
enum flame_code {
	FLAME_TOUCHED,
	FLAME_ALLOCATED,
};

/* Snapshots in one tree: one, or one before and one after. */
#define FLAME_SIDES 2

enum flame_kind {
	FLAME_ALL,     /* the root */
	FLAME_PROCESS, /* item: its comm, of strings */
	FLAME_FRAME,   /* item: of places */
	FLAME_LEAF,    /* item: the detail, of strings */
};

struct flame_costs {
	double value[FLAME_SIDES][STACK_VALUE_COUNT];
};

struct flame_node {
	enum flame_kind kind;
	uint32_t item;
	enum region region;     /* of a leaf */
	enum fault_cause cause; /* of a leaf */
	uint32_t lines;         /* the first one in flame_tree.lines; 0: none is known */
	uint32_t parent;
	uint32_t child, sibling;  /* 0: none; after flame_tree_finish() the most faults first */
	struct flame_costs costs; /* with those of all nodes below */
	struct flame_costs cut;   /* of children that were cut, by flame_tree_finish() */
};

/* One line of a node's function, and what it has cost. */
struct flame_line {
	uint32_t line;
	uint32_t next;
	double faults;
};

struct flame_tree {
	enum flame_code code;
	bool by_process;

	struct flame_node *nodes; /* [0] is the root */
	size_t node_count;
	struct flame_line *lines; /* [0] is none */
	size_t line_count;
	const struct frame **places; /* one of the frames that are one node; [0] is none: it isn't known */
	size_t place_count;
	const char **strings; /* [0] is "" */
	size_t string_count;

	struct flame_costs regions[REGION_COUNT];
	struct flame_costs unknown; /* faults of the stacks of which that value isn't known */

	/* Set by flame_tree_finish(). */
	size_t cut_count; /* nodes that were cut */
	double least;     /* a node has to cost this share of all, of anything, to stay */

	struct flame_index *index; /* of flame_tree.c */
};

struct flame_tree *flame_tree_new(enum flame_code code, bool by_process); /* NULL when out of memory */
void flame_tree_free(struct flame_tree *tree);

/* Add the stacks of a finished snapshot. 0, or -1 when out of memory: then the tree is only good to be freed. */
int flame_tree_add(struct flame_tree *tree, const struct stacks *stacks, unsigned int side);

/* Sort children, and cut what is too small to be seen, so that at most so many nodes are left. 0, or -1. */
int flame_tree_finish(struct flame_tree *tree, size_t most);

#endif
