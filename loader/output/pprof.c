// SPDX-License-Identifier: MIT
/*
 * pprof's profile.proto, gzip: samples with up to three values (faults, zeroed bytes, fault time: as far as they were
 * measured), with whose memory it is, the cause and the process as labels. Functions that were inlined are several
 * lines of one location, as pprof has them. Fields are written by hand (protobuf.h).
 */
#include "output/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/gzip.h"
#include "output/numbering.h"
#include "output/protobuf.h"
#include "output/text.h"

/* Numbers of profile.proto's fields. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING_TABLE = 6,
	PROFILE_DURATION_NANOS = 10,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,

	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,

	SAMPLE_LOCATION_ID = 1,
	SAMPLE_VALUE = 2,
	SAMPLE_LABEL = 3,

	LABEL_KEY = 1,
	LABEL_STR = 2,
	LABEL_NUM = 3,

	MAPPING_ID = 1,
	MAPPING_FILENAME = 5,
	MAPPING_HAS_FUNCTIONS = 7,
	MAPPING_HAS_FILENAMES = 8,
	MAPPING_HAS_LINE_NUMBERS = 9,
	MAPPING_HAS_INLINE_FRAMES = 10,

	LOCATION_ID = 1,
	LOCATION_MAPPING_ID = 2,
	LOCATION_ADDRESS = 3,
	LOCATION_LINE = 4,

	LINE_FUNCTION_ID = 1,
	LINE_LINE = 2,

	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILENAME = 4,
};

struct profile {
	const struct snapshot *snapshot;
	const struct stacks *stacks;
	struct message message;
	struct numbering texts;     /* the string table */
	struct numbering locations; /* each its frames, as numbers of stacks->frames */
	struct numbering functions; /* each a struct function */
	struct numbering mappings;  /* each the object's name */
	bool failed;
};

/* Numbers of texts. */
struct function {
	uint32_t name, file;
};

static const struct {
	const char *type, *unit;
} types[STACK_VALUE_COUNT] = {
    [STACK_VALUE_FAULTS] = {"faults", "count"},
    [STACK_VALUE_ZEROED] = {"zeroed", "bytes"},
    [STACK_VALUE_TIME] = {"fault_time", "nanoseconds"},
};

/* Strings of the wire format are UTF-8. */
static uint32_t text_of(struct profile *profile, const char *text)
{
	char *valid = text_valid_utf8(text);
	uint32_t number = valid ? numbering_of_text(&profile->texts, valid) : 0;

	profile->failed |= !valid;
	free(valid);
	return number;
}

/* Ids begin with 1: 0 is none. */
static uint64_t mapping_of(struct profile *profile, const char *object)
{
	return object[0] ? numbering_of_text(&profile->mappings, object) + 1 : 0;
}

static void add_types(struct profile *profile, enum stack_value wanted)
{
	struct message type = {};

	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
		if (!stack_value_known(profile->stacks, value))
			continue;
		message_number(&type, VALUE_TYPE_TYPE, text_of(profile, types[value].type));
		message_number(&type, VALUE_TYPE_UNIT, text_of(profile, types[value].unit));
		message_message(&profile->message, PROFILE_SAMPLE_TYPE, &type);
	}
	message_number(&profile->message, PROFILE_DEFAULT_SAMPLE_TYPE, text_of(profile, types[wanted].type));
	message_free(&type);
}

/* One a function and those inlined into it, the innermost first. Returns how many. */
static size_t find_locations(struct profile *profile, const struct frames *frames, uint64_t *ids)
{
	static const uint32_t none[] = {0};
	size_t count = 0, first = 0;

	if (!frames->count)
		ids[count++] = numbering_of(&profile->locations, none, sizeof(none)) + 1;
	for (size_t i = 0; i < frames->count; i++) {
		if (profile->stacks->frames[frames->frame[i]].inlined && i + 1 < frames->count)
			continue;
		ids[count++] =
		    numbering_of(&profile->locations, &frames->frame[first], (i + 1 - first) * sizeof(*frames->frame)) +
		    1;
		first = i + 1;
	}
	return count;
}

static void add_label(struct profile *profile, struct message *sample, const char *key, const char *text)
{
	struct message label = {};

	if (!text[0])
		return;
	message_number(&label, LABEL_KEY, text_of(profile, key));
	message_number(&label, LABEL_STR, text_of(profile, text));
	message_message(sample, SAMPLE_LABEL, &label);
	message_free(&label);
}

static void add_pid(struct profile *profile, struct message *sample, uint32_t pid)
{
	struct message label = {};

	if (!pid)
		return;
	message_number(&label, LABEL_KEY, text_of(profile, "pid"));
	message_number(&label, LABEL_NUM, pid);
	message_message(sample, SAMPLE_LABEL, &label);
	message_free(&label);
}

/* The function that allocated the memory. */
static void add_allocator(struct profile *profile, struct message *sample, const struct frames *allocated)
{
	char text[FRAME_TEXT];

	if (allocated->count)
		add_label(
		    profile, sample, "allocated_by", frame_name(&profile->stacks->frames[allocated->frame[0]], text));
}

static void add_sample(struct profile *profile, const struct stack_row *row, struct message *sample)
{
	const struct stack_key *key = &row->key;
	uint64_t values[STACK_VALUE_COUNT] = {}, *ids = malloc((key->touched.count + 1) * sizeof(*ids));
	size_t count = 0;

	if (!ids) {
		profile->failed = true;
		return;
	}
	message_numbers(sample, SAMPLE_LOCATION_ID, ids, find_locations(profile, &key->touched, ids));
	free(ids);
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++)
		if (stack_value_known(profile->stacks, value))
			values[count++] = stack_value_of(row, value) > 0 ? stack_value_of(row, value) : 0;
	message_numbers(sample, SAMPLE_VALUE, values, count);
	add_label(profile, sample, "region", region_name(key->region));
	add_label(profile, sample, "detail", key->detail);
	add_label(profile, sample, "cause", fault_cause_name(key->cause));
	add_label(profile, sample, "comm", key->comm);
	add_pid(profile, sample, key->pid);
	add_allocator(profile, sample, &key->allocated);
	message_message(&profile->message, PROFILE_SAMPLE, sample);
}

static void add_samples(struct profile *profile)
{
	struct message sample = {};

	for (size_t i = 0; i < profile->stacks->row_count; i++)
		add_sample(profile, &profile->stacks->rows[i], &sample);
	message_free(&sample);
}

static void add_line(struct profile *profile, const struct frame *frame, struct message *location)
{
	char name[FRAME_TEXT];
	const char *called = frame == profile->stacks->frames ? "[no stack]" : frame_name(frame, name);
	const struct function function = {text_of(profile, called), text_of(profile, frame->source)};
	struct message line = {};

	message_number(&line, LINE_FUNCTION_ID, numbering_of(&profile->functions, &function, sizeof(function)) + 1);
	message_number(&line, LINE_LINE, frame->line);
	message_message(location, LOCATION_LINE, &line);
	message_free(&line);
}

static void add_locations(struct profile *profile)
{
	struct message location = {};

	for (size_t i = 0; i < profile->locations.count; i++) {
		const uint32_t *frames = profile->locations.things[i].bytes;
		size_t count = profile->locations.things[i].size / sizeof(*frames);
		const struct frame *outermost = &profile->stacks->frames[frames[count - 1]];

		message_number(&location, LOCATION_ID, i + 1);
		message_number(&location, LOCATION_MAPPING_ID, mapping_of(profile, outermost->object));
		message_number(&location, LOCATION_ADDRESS, outermost->address);
		for (size_t j = 0; j < count; j++)
			add_line(profile, &profile->stacks->frames[frames[j]], &location);
		message_message(&profile->message, PROFILE_LOCATION, &location);
	}
	message_free(&location);
}

static void add_functions(struct profile *profile)
{
	struct message function = {};

	for (size_t i = 0; i < profile->functions.count; i++) {
		const struct function *thing = profile->functions.things[i].bytes;

		message_number(&function, FUNCTION_ID, i + 1);
		message_number(&function, FUNCTION_NAME, thing->name);
		message_number(&function, FUNCTION_SYSTEM_NAME, thing->name);
		message_number(&function, FUNCTION_FILENAME, thing->file);
		message_message(&profile->message, PROFILE_FUNCTION, &function);
	}
	message_free(&function);
}

/* That functions and lines are known keeps pprof from looking for them itself. */
static void add_mappings(struct profile *profile)
{
	struct message mapping = {};

	for (size_t i = 0; i < profile->mappings.count; i++) {
		message_number(&mapping, MAPPING_ID, i + 1);
		message_number(&mapping, MAPPING_FILENAME, text_of(profile, numbering_text(&profile->mappings, i)));
		message_number(&mapping, MAPPING_HAS_FUNCTIONS, true);
		message_number(&mapping, MAPPING_HAS_FILENAMES, true);
		message_number(&mapping, MAPPING_HAS_LINE_NUMBERS, true);
		message_number(&mapping, MAPPING_HAS_INLINE_FRAMES, true);
		message_message(&profile->message, PROFILE_MAPPING, &mapping);
	}
	message_free(&mapping);
}

static void __attribute__((format(printf, 2, 3))) add_comment(struct profile *profile, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text)
		message_number(&profile->message, PROFILE_COMMENT, text_of(profile, text));
	profile->failed |= !text;
	free(text);
}

/* Of how many stacks is a figure not known that others have? */
static size_t count_unknown(const struct stacks *stacks, enum stack_value value)
{
	size_t count = 0;

	for (size_t i = 0; i < stacks->row_count; i++)
		count += stack_value_of(&stacks->rows[i], value) < 0;
	return count;
}

static void add_comments(struct profile *profile)
{
	const struct stacks *stacks = profile->stacks;
	char **command = profile->snapshot->command;

	add_comment(profile, "hakmem-trace " HAKMEM_VERSION ": page faults of %s, call stacks by %s",
	    command ? command[0] : "running processes", unwinding_name(stacks->unwinding));
	if (stacks->sampled)
		add_comment(profile, "estimates: stacks are of a sample of the faults, scaled to what was counted");
	if (stacks->lost)
		add_comment(profile, "%zu stacks were lost for lack of room", (size_t)stacks->lost);
	if (stacks->cut)
		add_comment(profile, "%zu stacks lack their outermost frames", (size_t)stacks->cut);
	for (enum stack_value value = 0; value < STACK_VALUE_COUNT; value++) {
		size_t unknown = count_unknown(stacks, value);

		if (!stack_value_known(stacks, value))
			add_comment(profile, "%s: not measured", types[value].type);
		else if (unknown)
			add_comment(profile, "%s: not known of %zu samples, which have 0", types[value].type, unknown);
	}
}

/* pprof takes the first mapping for the program's, and names the profile by it. */
static void add_program(struct profile *profile)
{
	char **command = profile->snapshot->command;
	const char *slash = command ? strrchr(command[0], '/') : NULL;

	if (command)
		mapping_of(profile, slash ? slash + 1 : command[0]);
}

/* The string table comes last: all before it adds to it. */
static void add_texts(struct profile *profile)
{
	for (size_t i = 0; i < profile->texts.count; i++)
		message_bytes(&profile->message, PROFILE_STRING_TABLE, profile->texts.things[i].bytes,
		    profile->texts.things[i].size);
}

static void make(struct profile *profile, enum stack_value value)
{
	text_of(profile, ""); /* is number 0, by definition */
	add_program(profile);
	add_types(profile, value);
	add_samples(profile);
	add_locations(profile);
	add_mappings(profile);
	add_functions(profile);
	add_comments(profile);
	if (profile->snapshot->wall_ns != UNKNOWN)
		message_number(&profile->message, PROFILE_DURATION_NANOS, profile->snapshot->wall_ns);
	add_texts(profile);
	profile->failed |= profile->message.failed || profile->texts.failed || profile->locations.failed ||
	                   profile->functions.failed || profile->mappings.failed;
}

int output_pprof(const struct snapshot *snapshot, const struct output_options *options, FILE *file)
{
	struct profile profile = {.snapshot = snapshot, .stacks = snapshot->stacks};
	int failed;

	make(&profile, options->value);
	if (profile.failed)
		errno = ENOMEM;
	failed = profile.failed || gzip_write(profile.message.bytes, profile.message.size, file);
	message_free(&profile.message);
	numbering_free(&profile.texts);
	numbering_free(&profile.locations);
	numbering_free(&profile.functions);
	numbering_free(&profile.mappings);
	return failed || ferror(file) || fflush(file) ? -1 : 0;
}
