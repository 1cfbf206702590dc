// SPDX-License-Identifier: MIT
/* See stack_rows.h. */
#include "stack/stack_rows.h"

#include <stdlib.h>
#include <string.h>

#include "snapshot/room.h"

static bool same_frame(const void *context, uint32_t entry, const void *sought)
{
	const struct raw_frame *one = &((const struct stack_rows *)context)->frames[entry], *other = sought;

	return one->kind == other->kind && one->pid == other->pid && one->location.file == other->location.file &&
	       one->location.address == other->location.address;
}

uint32_t stack_rows_frame(struct stack_rows *rows, const struct raw_frame *frame)
{
	uint32_t hash = lookup_hash(LOOKUP_START, &frame->location.address, sizeof(frame->location.address)), entry;

	hash = lookup_hash(hash, &frame->location.file, sizeof(frame->location.file));
	hash = lookup_hash(hash, &frame->pid, sizeof(frame->pid));
	entry = lookup_find(&rows->frame_index, hash, same_frame, rows, frame);
	if (entry != LOOKUP_NONE)
		return entry;
	if (rows->frame_count >= STACK_FRAMES_KEPT)
		return RAW_FRAME_NONE;
	if (room_for_one(&rows->frames, &rows->frame_room, rows->frame_count, sizeof(*rows->frames)) ||
	    lookup_add(&rows->frame_index, hash, rows->frame_count))
		return RAW_FRAME_NONE;
	rows->frames[rows->frame_count] = *frame;
	return rows->frame_count++;
}

static size_t frames_size(const struct raw_key *key)
{
	return (key->touched_count + key->allocated_count) * sizeof(*key->frames);
}

static bool same_row(const void *context, uint32_t entry, const void *sought)
{
	const struct raw_key *one = &((const struct stack_rows *)context)->rows[entry].key, *other = sought;

	return !memcmp(&one->account, &other->account, sizeof(one->account)) && one->pid == other->pid &&
	       one->touched_count == other->touched_count && one->allocated_count == other->allocated_count &&
	       !strncmp(one->comm, other->comm, sizeof(one->comm)) &&
	       !memcmp(one->frames, other->frames, frames_size(one));
}

struct raw_row *stack_rows_find(struct stack_rows *rows, const struct raw_key *key)
{
	uint32_t hash = lookup_hash(LOOKUP_START, key->frames, frames_size(key)), entry, *frames;

	hash = lookup_hash(hash, &key->account, sizeof(key->account));
	hash = lookup_hash(hash, &key->pid, sizeof(key->pid));
	entry = lookup_find(&rows->row_index, hash, same_row, rows, key);
	if (entry != LOOKUP_NONE)
		return &rows->rows[entry];
	if (rows->row_count >= STACK_ROWS_APART && key->pid) {
		struct raw_key of_all = *key;

		of_all.pid = 0;
		return stack_rows_find(rows, &of_all);
	}
	if (rows->row_count >= STACK_ROWS_MOST)
		return NULL;
	frames = malloc(frames_size(key) + 1);
	if (!frames || room_for_one(&rows->rows, &rows->row_room, rows->row_count, sizeof(*rows->rows)) ||
	    lookup_add(&rows->row_index, hash, rows->row_count)) {
		free(frames);
		return NULL;
	}
	memcpy(frames, key->frames, frames_size(key));
	rows->rows[rows->row_count] = (struct raw_row){.key = *key};
	rows->rows[rows->row_count].key.frames = frames;
	return &rows->rows[rows->row_count++];
}

void stack_rows_free(struct stack_rows *rows)
{
	for (size_t i = 0; i < rows->row_count; i++)
		free((void *)rows->rows[i].key.frames);
	free(rows->rows);
	free(rows->frames);
	lookup_free(&rows->frame_index);
	lookup_free(&rows->row_index);
	*rows = (struct stack_rows){};
}
