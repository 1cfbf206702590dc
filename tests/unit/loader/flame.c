// SPDX-License-Identifier: MIT
/* Flame graphs: stacks become one tree, nothing of what they cost gets lost on the way, and no name breaks the page. */
#include <jansson.h>

#include "output/flame.h"
#include "sample.h"

static uint32_t frame(struct stacks *stacks, const char *function, uint32_t line)
{
	struct frame made = {.function = function, .object = "bench", .source = "a.c", .line = line, .address = line};
	uint32_t number = stacks_frame(stacks, &made);

	assert_int_not_equal(number, 0);
	return number;
}

/* So many faults in line `line` of `leaf`, called by main. */
static struct stack_row *take(struct stacks *stacks, const char *leaf, uint32_t line, double faults)
{
	uint32_t frames[] = {frame(stacks, leaf, line), frame(stacks, "main", 1)};
	struct stack_key key = {.region = REGION_PROGRAM, .detail = "data", .comm = "bench", .touched = {frames, 2}};
	struct stack_row *row = stacks_row(stacks, &key);

	assert_non_null(row);
	row->samples = 1;
	row->all_faults = faults;
	row->all_zeroed_bytes = 4096 * faults;
	row->all_ns = -1;
	return row;
}

/* The only child of its kind and function. */
static const struct flame_node *child_of(
    const struct flame_tree *tree, const struct flame_node *node, const char *function)
{
	for (uint32_t child = node->child; child; child = tree->nodes[child].sibling)
		if (tree->nodes[child].kind == FLAME_FRAME &&
		    !strcmp(tree->places[tree->nodes[child].item]->function, function))
			return &tree->nodes[child];
	return NULL;
}

static struct flame_tree *tree_of(const struct stacks *stacks, size_t most)
{
	struct flame_tree *tree = flame_tree_new(FLAME_TOUCHED, false);

	assert_non_null(tree);
	assert_int_equal(flame_tree_add(tree, stacks, 0), 0);
	assert_int_equal(flame_tree_finish(tree, most), 0);
	return tree;
}

static void lines_of_one_function_are_one_node(void **state)
{
	struct stacks *stacks = stacks_new();
	struct flame_tree *tree;
	const struct flame_node *main, *sort;

	(void)state;
	take(stacks, "sort", 12, 70);
	take(stacks, "sort", 15, 30);
	take(stacks, "read", 3, 10);
	tree = tree_of(stacks, 1000);
	main = child_of(tree, &tree->nodes[0], "main");
	assert_non_null(main);
	sort = child_of(tree, main, "sort");
	assert_non_null(sort);
	assert_int_equal(sort - tree->nodes, main->child); /* the most faults first */
	assert_true(sort->costs.value[0][STACK_VALUE_FAULTS] == 100);
	assert_true(sort->costs.value[0][STACK_VALUE_ZEROED] == 409600);
	assert_int_equal(tree->line_count, 1 + 4); /* main's, sort's two, read's */
	assert_true(tree->regions[REGION_PROGRAM].value[0][STACK_VALUE_FAULTS] == 110);
	assert_true(tree->unknown.value[0][STACK_VALUE_TIME] == 110);
	flame_tree_free(tree);
	stacks_free(stacks);
}

/* Of a node and all below it, from the leaves and what was cut. */
static double sum(const struct flame_tree *tree, const struct flame_node *node)
{
	double all = node->cut.value[0][STACK_VALUE_FAULTS];

	if (node->kind == FLAME_LEAF)
		return node->costs.value[0][STACK_VALUE_FAULTS];
	for (uint32_t child = node->child; child; child = tree->nodes[child].sibling)
		all += sum(tree, &tree->nodes[child]);
	return all;
}

static void what_is_cut_stays_in_its_callers_costs(void **state)
{
	struct stacks *stacks = stacks_new();
	struct flame_tree *tree;
	char name[32];

	(void)state;
	take(stacks, "hot", 1, 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "cold%d", i);
		take(stacks, name, 1, 1);
	}
	tree = tree_of(stacks, 100);
	assert_true(tree->least > 1e-4);
	assert_int_equal(tree->cut_count, 2 * 5000);
	assert_int_equal(tree->place_count, 1 + 2); /* names that nobody sees are not kept */
	assert_non_null(child_of(tree, child_of(tree, &tree->nodes[0], "main"), "hot"));
	assert_true(sum(tree, &tree->nodes[0]) == 10000);
	assert_true(tree->nodes[0].costs.value[0][STACK_VALUE_FAULTS] == 10000);
	flame_tree_free(tree);
	stacks_free(stacks);
}

static void stacks_of_two_snapshots_meet(void **state)
{
	struct stacks *before = stacks_new(), *after = stacks_new();
	struct flame_tree *tree = flame_tree_new(FLAME_TOUCHED, false);
	const struct flame_node *main;

	(void)state;
	take(before, "sort", 12, 70);
	take(before, "gone", 1, 5);
	take(after, "new", 1, 7);
	take(after, "sort", 12, 20);
	assert_int_equal(flame_tree_add(tree, before, 0), 0);
	assert_int_equal(flame_tree_add(tree, after, 1), 0);
	assert_int_equal(flame_tree_finish(tree, 1000), 0);
	main = child_of(tree, &tree->nodes[0], "main");
	assert_true(main->costs.value[0][STACK_VALUE_FAULTS] == 75);
	assert_true(main->costs.value[1][STACK_VALUE_FAULTS] == 27);
	assert_true(child_of(tree, main, "sort")->costs.value[1][STACK_VALUE_FAULTS] == 20);
	assert_true(child_of(tree, main, "gone")->costs.value[1][STACK_VALUE_FAULTS] == 0);
	assert_true(child_of(tree, main, "new")->costs.value[0][STACK_VALUE_FAULTS] == 0);
	flame_tree_free(tree);
	stacks_free(before);
	stacks_free(after);
}

/* Where nothing is known of who allocated something, that is said. */
static void code_that_is_not_known_has_a_node(void **state)
{
	struct stacks *stacks = stacks_new();
	struct flame_tree *tree = flame_tree_new(FLAME_ALLOCATED, true);
	const struct flame_node *process, *unknown;

	(void)state;
	take(stacks, "sort", 12, 70);
	assert_int_equal(flame_tree_add(tree, stacks, 0), 0);
	assert_int_equal(flame_tree_finish(tree, 1000), 0);
	process = &tree->nodes[tree->nodes[0].child];
	assert_int_equal(process->kind, FLAME_PROCESS);
	assert_string_equal(tree->strings[process->item], "bench");
	unknown = &tree->nodes[process->child];
	assert_int_equal(unknown->kind, FLAME_FRAME);
	assert_int_equal(unknown->item, 0);
	assert_int_equal(tree->nodes[unknown->child].kind, FLAME_LEAF);
	flame_tree_free(tree);
	stacks_free(stacks);
}

/* What the page's script will read. */
static json_t *data_of(const char *page)
{
	size_t begin = strstr(flame_page, FLAME_PLACE) - flame_page, size;
	json_error_t error;
	json_t *data;

	size = strcspn(page + begin, "<");
	assert_int_equal(strncmp(page + begin + size, "</script>", 9), 0);
	for (size_t i = 0; i < size; i++)
		assert_true((unsigned char)page[begin + i] < 0x80);
	data = json_loadb(page + begin, size, 0, &error);
	assert_non_null(data);
	return data;
}

static void no_name_ends_the_data(void **state)
{
	static const char name[] = "f</script><!--\xe2\x80\xa8\xff\"\\";
	struct snapshot *snapshot = sample_new();
	json_t *data, *place;
	char *page;

	(void)state;
	snapshot->stacks = stacks_new();
	take(snapshot->stacks, name, 1, 10)->faults = 10;
	sample_row(snapshot, REGION_PROGRAM, "data", 10, 10);
	sample_finish(snapshot);
	page = sample_written(output_flame, snapshot);
	data = data_of(page);
	place = json_array_get(json_object_get(json_array_get(json_object_get(data, "trees"), 0), "places"), 1);
	assert_string_equal(json_string_value(json_array_get(place, 0)), "f</script><!--\xe2\x80\xa8\xef\xbf\xbd\"\\");
	json_decref(data);
	free(page);
	snapshot_free(snapshot);
}

static void no_stacks_is_an_error_and_no_page(void **state)
{
	struct snapshot *snapshot = sample_snapshot();
	FILE *file = tmpfile();

	(void)state;
	assert_int_equal(output_flame(snapshot, &(struct output_options){}, file), -1);
	assert_int_equal(flame_diff(snapshot, snapshot, &(struct output_options){}, file), -1);
	assert_int_equal(ftell(file), 0);
	fclose(file);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_of_one_function_are_one_node),
	    cmocka_unit_test(what_is_cut_stays_in_its_callers_costs),
	    cmocka_unit_test(stacks_of_two_snapshots_meet),
	    cmocka_unit_test(code_that_is_not_known_has_a_node),
	    cmocka_unit_test(no_name_ends_the_data),
	    cmocka_unit_test(no_stacks_is_an_error_and_no_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
