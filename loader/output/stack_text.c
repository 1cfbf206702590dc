// SPDX-License-Identifier: MIT
#include "output/stack_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/text.h"
#include "snapshot/snapshot.h"

static int write_name(const char *name, FILE *file)
{
	char *safe = text_printable(name);

	if (!safe)
		return -1;
	for (char *at = safe; *at; at++)
		fputc(*at == ';' ? ':' : *at, file);
	free(safe);
	return 0;
}

static const char *suffix(const struct frame *frame)
{
	if (frame->kernel)
		return "_[k]";
	if (!strcmp(frame->object, "[jit]"))
		return "_[j]";
	return frame->inlined ? "_[i]" : "";
}

static int write_frames(const struct stacks *stacks, const struct frames *frames, FILE *file)
{
	char name[FRAME_TEXT];

	for (size_t i = frames->count; i--;) {
		const struct frame *frame = &stacks->frames[frames->frame[i]];

		if (write_name(frame_name(frame, name), file))
			return -1;
		fprintf(file, "%s%s", suffix(frame), i ? ";" : "");
	}
	return 0;
}

static int write_whole(const struct stacks *stacks, const struct stack_key *key, FILE *file)
{
	if (key->comm[0] && (write_name(key->comm, file) || fputc(';', file) == EOF))
		return -1;
	if (!key->touched.count)
		fputs("[no stack]", file);
	if (write_frames(stacks, &key->touched, file))
		return -1;
	fprintf(file, ";[%s", region_name(key->region));
	if (key->detail[0] && (fputc(' ', file) == EOF || write_name(key->detail, file)))
		return -1;
	fputc(']', file);
	return 0;
}

/* The text that was written into memory, which is closed. */
static char *finished(FILE *memory, char *const *text, int failed)
{
	if (memory && !(fclose(memory) || failed))
		return *text;
	if (memory)
		free(*text);
	return NULL;
}

char *stack_text_whole(const struct stacks *stacks, const struct stack_key *key)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	return finished(memory, &text, memory ? write_whole(stacks, key, memory) : -1);
}

char *stack_text_frames(const struct stacks *stacks, const struct frames *frames)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	return finished(memory, &text, memory ? write_frames(stacks, frames, memory) : -1);
}
