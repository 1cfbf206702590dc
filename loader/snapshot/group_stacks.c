// SPDX-License-Identifier: MIT
/* Groupings of stacks. Frames are first given the number of what they are told apart by, here called a place. */
#include "snapshot/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/lookup.h"

/* How much of a frame tells it apart from others. */
enum fineness {
	BY_FUNCTION, /* and object; of those without a name the object alone */
	BY_LINE,     /* the same with the line; of those without a name the address */
	BY_FILE,     /* the source file; of those without one the object */
	BY_FILE_LINE,
};

/* What is the same of all frames of a place. Strings are kept once each by the stacks, so pointers tell. */
struct place {
	const char *function, *object, *source;
	uint64_t address;
	uint32_t line;
};

struct places {
	struct lookup lookup;
	struct place *list;
	size_t count;
	uint32_t *of_frame; /* the place of each frame */
};

static struct place place_of(const struct frame *frame, enum fineness fineness)
{
	struct place place = {.object = frame->object};

	if (fineness == BY_FILE || fineness == BY_FILE_LINE) {
		if (!frame->source[0])
			return place;
		place.object = NULL; /* the same header may be compiled into several */
		place.source = frame->source;
		place.line = fineness == BY_FILE_LINE ? frame->line : 0;
		return place;
	}
	if (frame->function[0]) {
		place.function = frame->function;
		place.source = fineness == BY_LINE ? frame->source : NULL;
		place.line = fineness == BY_LINE ? frame->line : 0;
	} else if (fineness == BY_LINE) {
		place.address = frame->address;
	}
	return place;
}

static bool same_place(const void *context, uint32_t entry, const void *key)
{
	const struct place *one = &((const struct places *)context)->list[entry], *other = key;

	return one->function == other->function && one->object == other->object && one->source == other->source &&
	       one->address == other->address && one->line == other->line;
}

static void places_free(struct places *places)
{
	lookup_free(&places->lookup);
	free(places->list);
	free(places->of_frame);
}

/* 0, or -1 when out of memory. */
static int places_find(struct places *places, const struct stacks *stacks, enum fineness fineness)
{
	*places = (struct places){
	    .list = calloc(stacks->frame_count, sizeof(*places->list)),
	    .of_frame = calloc(stacks->frame_count, sizeof(*places->of_frame)),
	};
	if (!places->list || !places->of_frame)
		return -1;
	for (size_t i = 0; i < stacks->frame_count; i++) {
		struct place place = place_of(&stacks->frames[i], fineness);
		uint32_t hash = lookup_hash(LOOKUP_START, &place.function, sizeof(place.function)), entry;

		hash = lookup_hash(hash, &place.object, sizeof(place.object));
		hash = lookup_hash(hash, &place.source, sizeof(place.source));
		hash = lookup_hash(hash, &place.address, sizeof(place.address));
		hash = lookup_hash(hash, &place.line, sizeof(place.line));
		entry = lookup_find(&places->lookup, hash, same_place, places, &place);
		if (entry == LOOKUP_NONE) {
			if (lookup_add(&places->lookup, hash, places->count))
				return -1;
			entry = places->count++;
			places->list[entry] = place;
		}
		places->of_frame[i] = entry;
	}
	return 0;
}

static struct group_cost cost_of_stack(const struct stack_row *row)
{
	return (struct group_cost){
	    .faults = row->all_faults,
	    .zeroed_bytes = row->all_zeroed_bytes < 0 ? NAN : row->all_zeroed_bytes,
	    .fault_ns = row->all_ns < 0 ? NAN : row->all_ns,
	    .zero_ns = NAN,
	};
}

/* Rows without frames are the rest: what took the stack knows no code. */
static int make_rows(struct groups *groups, const struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->list[i];
		struct group_row *row = groups_add(groups);

		if (!row)
			return -1;
		row->cost.zero_ns = row->self.zero_ns = NAN;
		row->object = place->object ? place->object : "";
		row->name = place->function ? place->function : place->source ? place->source : "";
		row->line = place->line;
	}
	return 0;
}

static void drop_empty(struct groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++)
		if (groups->rows[i].samples)
			groups->rows[kept++] = groups->rows[i];
	groups->count = kept;
}

static void add_to(struct group_row *row, const struct stack_row *stack, bool first)
{
	struct group_cost cost = cost_of_stack(stack);

	cost_add(&row->cost, &cost);
	row->region = first || row->region == stack->key.region ? stack->key.region : REGION_COUNT;
	row->samples += stack->samples;
}

/* A function that calls itself is in a stack once. */
static void add_stack(struct groups *groups, const struct places *places, const struct stack_row *stack,
    uint64_t *last_seen, uint64_t number)
{
	const struct frames *frames = &stack->key.touched;

	for (size_t i = 0; i < frames->count; i++) {
		uint32_t place = places->of_frame[frames->frame[i]];
		struct group_row *row = &groups->rows[place];

		if (!i) {
			struct group_cost cost = cost_of_stack(stack);

			cost_add(&row->self, &cost);
		}
		if (last_seen[place] == number)
			continue;
		add_to(row, stack, !last_seen[place]);
		last_seen[place] = number;
	}
}

int group_by_function(struct groups *groups, const struct stacks *stacks)
{
	struct places places;
	int failed = places_find(&places, stacks, BY_FUNCTION) || make_rows(groups, &places);
	uint64_t *last_seen = calloc(places.count + 1, sizeof(*last_seen));

	for (size_t i = 0; !failed && last_seen && i < stacks->row_count; i++)
		add_stack(groups, &places, &stacks->rows[i], last_seen, i + 1);
	if (!last_seen)
		failed = 1;
	free(last_seen);
	places_free(&places);
	drop_empty(groups);
	return failed ? -1 : 0;
}

/* Of the program's side: kernel frames have sources, too, where its debugging information is there. */
static uint32_t innermost_with_source(const struct stacks *stacks, const struct frames *frames)
{
	uint32_t user = 0;

	for (size_t i = 0; i < frames->count; i++) {
		const struct frame *frame = &stacks->frames[frames->frame[i]];

		if (frame->kernel)
			continue;
		if (frame->source[0])
			return frames->frame[i];
		if (!user)
			user = frames->frame[i];
	}
	return user;
}

int group_by_place(struct groups *groups, const struct stacks *stacks)
{
	struct places places;
	int failed = places_find(&places, stacks, groups->by == GROUP_LINE ? BY_FILE_LINE : BY_FILE) ||
	             make_rows(groups, &places);

	for (size_t i = 0; !failed && i < stacks->row_count; i++) {
		uint32_t frame = innermost_with_source(stacks, &stacks->rows[i].key.touched);
		struct group_row *row = &groups->rows[places.of_frame[frame]];

		if (frame) /* else it is the rest's */
			add_to(row, &stacks->rows[i], !row->samples);
	}
	places_free(&places);
	drop_empty(groups);
	for (size_t i = 0; i < groups->count; i++)
		groups->rows[i].self = groups->rows[i].cost;
	return failed ? -1 : 0;
}

/* Stacks of the same region and places. Code that allocates has the same stacks for many details. */
struct merging {
	const struct groups *groups;
	const struct stacks *stacks;
	const struct places *places;
};

static bool same_stack(const void *context, uint32_t entry, const void *key)
{
	const struct merging *merging = context;
	const struct group_row *row = &merging->groups->rows[entry];
	const struct stack_key *other = key;

	if (row->region != other->region || row->frames.count != other->touched.count)
		return false;
	for (size_t i = 0; i < row->frames.count; i++)
		if (merging->places->of_frame[row->frames.frame[i]] !=
		    merging->places->of_frame[other->touched.frame[i]])
			return false;
	return true;
}

static uint32_t hash_stack(const struct places *places, const struct stack_key *key)
{
	uint32_t hash = lookup_hash(LOOKUP_START, &key->region, sizeof(key->region));

	for (size_t i = 0; i < key->touched.count; i++)
		hash = lookup_hash(hash, &places->of_frame[key->touched.frame[i]], sizeof(uint32_t));
	return hash;
}

/* Rows come with the most faults first, so that the first of several shows the lines of most. */
static int merge_stacks(struct groups *groups, const struct stacks *stacks, const struct places *places)
{
	struct merging merging = {groups, stacks, places};
	struct lookup lookup = {};
	int failed = 0;

	for (size_t i = 0; !failed && i < stacks->row_count; i++) {
		const struct stack_row *stack = &stacks->rows[i];
		uint32_t hash = hash_stack(places, &stack->key);
		uint32_t entry = lookup_find(&lookup, hash, same_stack, &merging, &stack->key);
		struct group_row *row = entry == LOOKUP_NONE ? NULL : &groups->rows[entry];

		if (!stack->key.touched.count)
			continue; /* it is the rest's */
		if (!row) {
			failed = lookup_add(&lookup, hash, groups->count) || !(row = groups_add(groups));
			if (failed)
				break;
			row->cost.zero_ns = NAN;
			row->name = stack->key.detail;
			row->frames = stack->key.touched;
		}
		if (row->name != stack->key.detail) /* of several */
			row->name = "";
		add_to(row, stack, !row->samples);
	}
	for (size_t i = 0; i < groups->count; i++)
		groups->rows[i].self = groups->rows[i].cost;
	lookup_free(&lookup);
	return failed ? -1 : 0;
}

int group_by_stack(struct groups *groups, const struct stacks *stacks, bool names_alone)
{
	struct places places;
	int failed = places_find(&places, stacks, names_alone ? BY_FUNCTION : BY_LINE);

	if (!failed)
		failed = merge_stacks(groups, stacks, &places);
	places_free(&places);
	return failed ? -1 : 0;
}
