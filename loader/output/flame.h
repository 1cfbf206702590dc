/* SPDX-License-Identifier: MIT */
/*
 * The flame graph: stacks of one snapshot, or of two to compare, as a page complete in itself. web/flame/ is the page;
 * here the data is made that it draws: a tree (flame_tree.h), and in words what was measured and how.
 */
#ifndef FLAME_H
#define FLAME_H

#include <jansson.h>
#include <stdio.h>

#include "output/flame_tree.h"
#include "output/output.h"
#include "snapshot/snapshot.h"

/* output_flame() of output.h, of two finished snapshots with stacks: what grew and shrank. 0, or -1 with errno set. */
int flame_diff(
    const struct snapshot *before, const struct snapshot *after, const struct output_options *options, FILE *file);

/* Within these files: new references, NULL when out of memory. */

/* What was measured and how, and what is wrong with it: {"facts": [["kernel", "6.12.1"], ...], "cares": ["..."]} */
json_t *flame_facts(const struct snapshot *snapshot);

/* The finished tree, of so many sides (docs/flame.md doesn't promise its form: it is between here and web/flame). */
json_t *flame_tree_json(const struct flame_tree *tree, unsigned int sides);

/* The page, with a line in it to put the data in place of. */
extern const char flame_page[];
#define FLAME_PLACE "<!-- data -->"

#endif
