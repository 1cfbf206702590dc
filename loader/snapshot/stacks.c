// SPDX-License-Identifier: MIT
/* Strings, frames and rows, each kept once and found by hash. See stacks.h. */
#include "snapshot/stacks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/lookup.h"
#include "snapshot/room.h"

struct stack_index {
	struct lookup strings, frames, rows;
	char **string;
	size_t string_count, string_room, frame_room, row_room;
};

const char *unwinding_name(enum unwinding unwinding)
{
	return unwinding == UNWINDING_DWARF ? "dwarf" : "fp";
}

const char *frame_name(const struct frame *frame, char text[FRAME_TEXT])
{
	if (frame->function[0])
		return frame->function;
	if (frame->object[0])
		snprintf(text, FRAME_TEXT, "%s+0x%" PRIx64, frame->object, frame->address);
	else if (frame->address)
		snprintf(text, FRAME_TEXT, "0x%" PRIx64, frame->address);
	else
		strcpy(text, "?");
	return text;
}

static bool same_string(const void *context, uint32_t entry, const void *key)
{
	const struct stack_index *index = context;

	return !strcmp(index->string[entry], key);
}

/* The copy that is kept; NULL when out of memory. */
static const char *keep_string(struct stacks *stacks, const char *string)
{
	struct stack_index *index = stacks->index;
	uint32_t hash = lookup_hash(LOOKUP_START, string, strlen(string));
	uint32_t entry = lookup_find(&index->strings, hash, same_string, index, string);

	if (entry != LOOKUP_NONE)
		return index->string[entry];
	if (room_for_one(&index->string, &index->string_room, index->string_count, sizeof(*index->string)))
		return NULL;
	index->string[index->string_count] = strdup(string);
	if (!index->string[index->string_count])
		return NULL;
	if (lookup_add(&index->strings, hash, index->string_count)) {
		free(index->string[index->string_count]);
		return NULL;
	}
	return index->string[index->string_count++];
}

struct stacks *stacks_new(void)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));
	const struct frame none = {.function = "", .object = "", .source = ""};

	if (!stacks)
		return NULL;
	stacks->index = calloc(1, sizeof(*stacks->index));
	if (stacks->index)
		stacks_frame(stacks, &none); /* takes the index 0 */
	if (!stacks->frame_count) {
		stacks_free(stacks);
		return NULL;
	}
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	struct stack_index *index = stacks ? stacks->index : NULL;

	if (!stacks)
		return;
	if (index) {
		for (size_t i = 0; i < index->string_count; i++)
			free(index->string[i]);
		free(index->string);
		lookup_free(&index->strings);
		lookup_free(&index->frames);
		lookup_free(&index->rows);
	}
	free(index);
	for (size_t i = 0; i < stacks->row_count; i++)
		free((void *)stacks->rows[i].key.touched.frame);
	free(stacks->rows);
	free(stacks->frames);
	free(stacks);
}

static bool same_frame(const void *context, uint32_t entry, const void *key)
{
	const struct stacks *stacks = context;
	const struct frame *one = &stacks->frames[entry], *other = key;

	return one->function == other->function && one->object == other->object && one->source == other->source &&
	       one->line == other->line && one->inlined == other->inlined && one->kernel == other->kernel &&
	       one->address == other->address;
}

uint32_t stacks_frame(struct stacks *stacks, const struct frame *frame)
{
	struct stack_index *index = stacks->index;
	struct frame kept = *frame;
	uint32_t hash, entry;

	kept.function = keep_string(stacks, frame->function);
	kept.object = keep_string(stacks, frame->object);
	kept.source = keep_string(stacks, frame->source);
	if (!kept.function || !kept.object || !kept.source)
		return 0;
	hash = lookup_hash(LOOKUP_START, &kept.function, sizeof(kept.function));
	hash = lookup_hash(hash, &kept.object, sizeof(kept.object));
	hash = lookup_hash(hash, &kept.address, sizeof(kept.address));
	hash = lookup_hash(hash, &kept.line, sizeof(kept.line));
	entry = lookup_find(&index->frames, hash, same_frame, stacks, &kept);
	if (entry != LOOKUP_NONE)
		return entry;
	if (room_for_one(&stacks->frames, &index->frame_room, stacks->frame_count, sizeof(*stacks->frames)) ||
	    lookup_add(&index->frames, hash, stacks->frame_count))
		return 0;
	stacks->frames[stacks->frame_count] = kept;
	return stacks->frame_count++;
}

static bool same_frames(const struct frames *one, const struct frames *other)
{
	return one->count == other->count &&
	       (!one->count || !memcmp(one->frame, other->frame, one->count * sizeof(*one->frame)));
}

static bool same_row(const void *context, uint32_t entry, const void *sought)
{
	const struct stack_key *one = &((const struct stacks *)context)->rows[entry].key, *other = sought;

	return one->region == other->region && one->cause == other->cause && one->detail == other->detail &&
	       one->comm == other->comm && one->pid == other->pid && same_frames(&one->touched, &other->touched) &&
	       same_frames(&one->allocated, &other->allocated);
}

static uint32_t hash_row(const struct stack_key *key)
{
	uint32_t hash = lookup_hash(LOOKUP_START, &key->detail, sizeof(key->detail));

	hash = lookup_hash(hash, &key->region, sizeof(key->region));
	hash = lookup_hash(hash, &key->cause, sizeof(key->cause));
	hash = lookup_hash(hash, &key->pid, sizeof(key->pid));
	hash = lookup_hash(hash, key->touched.frame, key->touched.count * sizeof(*key->touched.frame));
	return lookup_hash(hash, key->allocated.frame, key->allocated.count * sizeof(*key->allocated.frame));
}

/* Both lists of frames in one piece of memory, to which touched.frame points. */
static int keep_frames(struct stack_key *key)
{
	size_t touched = key->touched.count, allocated = key->allocated.count;
	uint32_t *frames = malloc((touched + allocated + 1) * sizeof(*frames));

	if (!frames)
		return -1;
	if (touched)
		memcpy(frames, key->touched.frame, touched * sizeof(*frames));
	if (allocated)
		memcpy(frames + touched, key->allocated.frame, allocated * sizeof(*frames));
	key->touched.frame = frames;
	key->allocated.frame = frames + touched;
	return 0;
}

struct stack_row *stacks_row(struct stacks *stacks, const struct stack_key *key)
{
	struct stack_index *index = stacks->index;
	struct stack_key kept = *key;
	uint32_t hash, entry;

	kept.detail = keep_string(stacks, key->detail);
	kept.comm = keep_string(stacks, key->comm);
	if (!kept.detail || !kept.comm)
		return NULL;
	hash = hash_row(&kept);
	entry = lookup_find(&index->rows, hash, same_row, stacks, &kept);
	if (entry != LOOKUP_NONE)
		return &stacks->rows[entry];
	if (room_for_one(&stacks->rows, &index->row_room, stacks->row_count, sizeof(*stacks->rows)) ||
	    keep_frames(&kept))
		return NULL;
	if (lookup_add(&index->rows, hash, stacks->row_count)) {
		free((void *)kept.touched.frame);
		return NULL;
	}
	stacks->rows[stacks->row_count] = (struct stack_row){.key = kept, .all_ns = -1};
	return &stacks->rows[stacks->row_count++];
}

uint32_t *stacks_translate(struct stacks *into, const struct stacks *from)
{
	uint32_t *numbers = malloc(from->frame_count * sizeof(*numbers));

	for (size_t i = 0; numbers && i < from->frame_count; i++) {
		numbers[i] = stacks_frame(into, &from->frames[i]);
		if (i && !numbers[i]) {
			free(numbers);
			return NULL;
		}
	}
	return numbers;
}

struct stack_row *stacks_same_row(struct stacks *into, const struct stack_row *from, const uint32_t *numbers)
{
	struct stack_key key = from->key;
	size_t touched = key.touched.count, all = touched + key.allocated.count;
	uint32_t *frames = malloc((all + 1) * sizeof(*frames));
	struct stack_row *row;

	if (!frames)
		return NULL;
	for (size_t i = 0; i < all; i++)
		frames[i] = numbers[i < touched ? key.touched.frame[i] : key.allocated.frame[i - touched]];
	key.touched.frame = frames;
	key.allocated.frame = frames + touched;
	row = stacks_row(into, &key);
	free(frames);
	return row;
}

/* Add rows of `from`, so many times. */
static int add_rows(struct stacks *into, const struct stacks *from, int times)
{
	uint32_t *numbers = stacks_translate(into, from);

	if (!numbers)
		return -1;
	for (size_t i = 0; i < from->row_count; i++) {
		const struct stack_row *added = &from->rows[i];
		struct stack_row *row = stacks_same_row(into, added, numbers);

		if (!row) {
			free(numbers);
			return -1;
		}
		row->samples += times * added->samples;
		row->faults += times * added->faults;
		row->zeroed_bytes += times * added->zeroed_bytes;
		row->timed += times * added->timed;
		row->timed_ns += times * added->timed_ns;
	}
	free(numbers);
	return 0;
}

int stacks_add(struct stacks *into, const struct stacks *from)
{
	into->unwinding = from->unwinding;
	into->sampled |= from->sampled;
	into->kernel_frames |= from->kernel_frames;
	into->allocation_sites |= from->allocation_sites;
	into->lost += from->lost;
	into->cut += from->cut;
	into->stale += from->stale;
	return add_rows(into, from, 1);
}

/* Rows have moved: where they are has to be learned again. */
static int rebuild_rows(struct stacks *stacks)
{
	struct lookup rows = {};

	for (size_t i = 0; i < stacks->row_count; i++)
		if (lookup_add(&rows, hash_row(&stacks->rows[i].key), i)) {
			lookup_free(&rows);
			return -1;
		}
	lookup_free(&stacks->index->rows);
	stacks->index->rows = rows;
	return 0;
}

int stacks_subtract(struct stacks *later, const struct stacks *before)
{
	size_t kept = 0;

	if (add_rows(later, before, -1))
		return -1;
	for (size_t i = 0; i < later->row_count; i++)
		if (later->rows[i].samples)
			later->rows[kept++] = later->rows[i];
		else
			free((void *)later->rows[i].key.touched.frame);
	later->row_count = kept;
	later->lost -= before->lost;
	later->cut -= before->cut;
	later->stale -= before->stale;
	return rebuild_rows(later);
}

int stacks_sort(struct stacks *stacks, int (*compare)(const void *one, const void *other, void *stacks))
{
	if (!stacks->row_count)
		return 0;
	qsort_r(stacks->rows, stacks->row_count, sizeof(*stacks->rows), compare, stacks);
	return rebuild_rows(stacks);
}

size_t stacks_bytes(const struct stacks *stacks)
{
	const struct stack_index *index = stacks->index;
	size_t slots = index->strings.room + index->frames.room + index->rows.room;
	size_t bytes = sizeof(*stacks) + sizeof(*index) + index->string_room * sizeof(*index->string) +
	               index->frame_room * sizeof(*stacks->frames) + index->row_room * sizeof(*stacks->rows);

	/* Each string and row has a piece of memory, to which malloc adds 16 bytes. */
	for (size_t i = 0; i < index->string_count; i++)
		bytes += strlen(index->string[i]) + 1 + 16;
	for (size_t i = 0; i < stacks->row_count; i++) {
		const struct stack_key *key = &stacks->rows[i].key;

		bytes += (key->touched.count + key->allocated.count + 1) * sizeof(uint32_t) + 16;
	}
	return bytes + slots * 2 * sizeof(uint32_t);
}
