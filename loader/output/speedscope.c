// SPDX-License-Identifier: MIT
/*
 * speedscope's own format, as its published file-format-schema.json has it: one sampled profile each of faults, zeroed
 * bytes and fault time, as far as they were measured, with frames shared. A stack begins with its process and ends with
 * whose memory it is.
 *
 * Stacks are written as they come, and not through a library: of a large machine there may be millions of numbers.
 */
#include "output/output.h"

#include <inttypes.h>
#include <stdlib.h>

#include "output/json_value.h"
#include "output/numbering.h"

#define SCHEMA "https://www.speedscope.app/file-format-schema.json"

struct shared {
	const struct stacks *stacks;
	struct numbering texts; /* frames as JSON objects */
	uint32_t *of_frame;     /* their numbers, of stacks->frames */
	uint32_t *of_process;   /* of each row's process */
	uint32_t *of_memory;    /* of each row's region and detail */
};

static const char *const units[STACK_VALUE_COUNT] = {
    [STACK_VALUE_FAULTS] = "none",
    [STACK_VALUE_ZEROED] = "bytes",
    [STACK_VALUE_TIME] = "nanoseconds",
};

/* `object` is let go. */
static uint32_t add_object(struct shared *shared, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	uint32_t number = 0;

	if (text)
		number = numbering_of_text(&shared->texts, text);
	else
		shared->texts.failed = true;
	free(text);
	json_decref(object);
	return number;
}

static uint32_t add_frame(struct shared *shared, const struct frame *frame)
{
	char name[FRAME_TEXT];
	json_t *object = json_pack("{s:o}", "name", json_value_string(frame_name(frame, name)));

	if (frame->source[0] || frame->object[0])
		json_value_put(&object, "file", json_value_string(frame->source[0] ? frame->source : frame->object));
	if (frame->source[0] && frame->line)
		json_value_put(&object, "line", json_integer(frame->line));
	return add_object(shared, object);
}

static uint32_t add_process(struct shared *shared, const struct stack_key *key)
{
	return add_object(shared, json_pack("{s:o}", "name", json_value_string(key->comm)));
}

static uint32_t add_memory(struct shared *shared, const struct stack_key *key)
{
	char *name;
	int length = asprintf(&name, "[%s%s%s]", region_name(key->region), key->detail[0] ? " " : "", key->detail);

	return add_object(shared, length < 0 ? NULL : json_pack("{s:o}", "name", json_value_owned(name)));
}

static int share(struct shared *shared)
{
	const struct stacks *stacks = shared->stacks;

	shared->of_frame = malloc(stacks->frame_count * sizeof(*shared->of_frame));
	shared->of_process = malloc((stacks->row_count + 1) * sizeof(*shared->of_process));
	shared->of_memory = malloc((stacks->row_count + 1) * sizeof(*shared->of_memory));
	if (!shared->of_frame || !shared->of_process || !shared->of_memory)
		return -1;
	/* The frame that stands for none is used for stacks without any. */
	shared->of_frame[0] = add_object(shared, json_pack("{s:s}", "name", "[no stack]"));
	for (size_t i = 1; i < stacks->frame_count; i++)
		shared->of_frame[i] = add_frame(shared, &stacks->frames[i]);
	for (size_t i = 0; i < stacks->row_count; i++) {
		shared->of_process[i] = add_process(shared, &stacks->rows[i].key);
		shared->of_memory[i] = add_memory(shared, &stacks->rows[i].key);
	}
	return shared->texts.failed ? -1 : 0;
}

static void write_frames(const struct shared *shared, FILE *file)
{
	fputs(" \"shared\": {\"frames\": [", file);
	for (size_t i = 0; i < shared->texts.count; i++)
		fprintf(file, "%s\n  %s", i ? "," : "", numbering_text(&shared->texts, i));
	fputs("\n ]},\n", file);
}

static void write_sample(const struct shared *shared, size_t row, FILE *file)
{
	const struct stack_key *key = &shared->stacks->rows[row].key;

	fputc('[', file);
	if (key->comm[0])
		fprintf(file, "%" PRIu32 ",", shared->of_process[row]);
	if (!key->touched.count)
		fprintf(file, "%" PRIu32 ",", shared->of_frame[0]);
	for (size_t i = key->touched.count; i--;)
		fprintf(file, "%" PRIu32 ",", shared->of_frame[key->touched.frame[i]]);
	fprintf(file, "%" PRIu32 "]", shared->of_memory[row]);
}

/* Of each row that has such a figure: its stack, or the figure. Returns the sum. */
static double write_list(const struct shared *shared, enum stack_value value, bool weights, FILE *file)
{
	const char *separator = "";
	double sum = 0;

	fprintf(file, "   \"%s\": [", weights ? "weights" : "samples");
	for (size_t i = 0; i < shared->stacks->row_count; i++) {
		double weight = stack_value_of(&shared->stacks->rows[i], value);

		if (weight <= 0)
			continue;
		fputs(separator, file);
		if (weights)
			fprintf(file, "%.0f", weight);
		else
			write_sample(shared, i, file);
		separator = weights ? "," : ",\n    ";
		sum += weight;
	}
	fputs("],\n", file);
	return sum;
}

static void write_profile(const struct shared *shared, enum stack_value value, FILE *file)
{
	double sum;

	fprintf(file, "  {\"type\": \"sampled\", \"name\": \"%s%s\", \"unit\": \"%s\",\n", stack_value_title(value),
	    shared->stacks->sampled ? " (estimated from a sample)" : "", units[value]);
	write_list(shared, value, false, file);
	sum = write_list(shared, value, true, file);
	fprintf(file, "   \"startValue\": 0, \"endValue\": %.0f}", sum);
}

/* Its number among those that are written. */
static int write_profiles(const struct shared *shared, enum stack_value wanted, FILE *file)
{
	const char *separator = "\n";
	int number = 0, active = 0;

	fputs(" \"profiles\": [", file);
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
		if (!stack_value_known(shared->stacks, value))
			continue;
		fputs(separator, file);
		separator = ",\n";
		write_profile(shared, value, file);
		if (value == wanted)
			active = number;
		number++;
	}
	fputs("\n ],\n", file);
	return active;
}

/* The command's name, or what was attached to. */
static int write_name(const struct snapshot *snapshot, FILE *file)
{
	json_t *name = json_value_string(snapshot->command ? snapshot->command[0] : "hakmem-trace");
	int failed = !name || json_dumpf(name, file, JSON_ENCODE_ANY);

	json_decref(name);
	return failed;
}

static int write_file(const struct shared *shared, const struct snapshot *snapshot, enum stack_value value, FILE *file)
{
	fputs("{\"$schema\": \"" SCHEMA "\", \"exporter\": \"hakmem-trace " HAKMEM_VERSION "\", \"name\": ", file);
	if (write_name(snapshot, file))
		return -1;
	fputs(",\n", file);
	write_frames(shared, file);
	fprintf(file, " \"activeProfileIndex\": %d}\n", write_profiles(shared, value, file));
	return ferror(file) || fflush(file) ? -1 : 0;
}

int output_speedscope(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	struct shared shared = {.stacks = snapshot->stacks};
	int failed = share(&shared) || write_file(&shared, snapshot, options->value, file);

	numbering_free(&shared.texts);
	free(shared.of_frame);
	free(shared.of_process);
	free(shared.of_memory);
	return failed ? -1 : 0;
}
