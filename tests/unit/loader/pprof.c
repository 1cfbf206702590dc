// SPDX-License-Identifier: MIT
/* Tests of loader/output/pprof.c: what is written is unpacked again. (pprof itself reads it in
 * tests/system/exports.sh.) */
#include "stack_sample.h"

#include <unistd.h>
#include <zlib.h>

/* A field of a message: its number, and its value or bytes. */
struct field {
	unsigned int number;
	uint64_t value;
	const uint8_t *bytes; /* NULL: it is a number */
	size_t size;
};

struct reader {
	const uint8_t *at, *end;
};

static uint64_t varint(struct reader *reader)
{
	uint64_t value = 0;

	for (int shift = 0;; shift += 7) {
		assert_true(reader->at < reader->end);
		assert_in_range(shift, 0, 63);
		value |= (uint64_t)(*reader->at & 0x7f) << shift;
		if (!(*reader->at++ & 0x80))
			return value;
	}
}

static bool next(struct reader *reader, struct field *field)
{
	uint64_t key;

	if (reader->at == reader->end)
		return false;
	key = varint(reader);
	*field = (struct field){.number = key >> 3, .value = varint(reader)};
	if ((key & 7) == 0)
		return true;
	assert_int_equal(key & 7, 2);
	field->bytes = reader->at;
	field->size = field->value;
	assert_true(field->size <= (size_t)(reader->end - reader->at));
	reader->at += field->size;
	return true;
}

static struct reader inside(const struct field *field)
{
	return (struct reader){field->bytes, field->bytes + field->size};
}

#define MOST 65536

struct unpacked {
	uint8_t bytes[MOST];
	struct reader all;
	const char *texts[256];
	size_t text_size[256], text_count;
};

static void unpack(const struct snapshot *snapshot, enum stack_value value, struct unpacked *unpacked)
{
	const struct output_options options = {.value = value};
	FILE *file = tmpfile();
	gzFile packed;
	int size;
	struct field field;
	struct reader reader;

	assert_non_null(file);
	assert_int_equal(output_pprof(snapshot, &options, file), 0);
	rewind(file);
	packed = gzdopen(dup(fileno(file)), "r");
	size = gzread(packed, unpacked->bytes, MOST);
	assert_in_range(size, 1, MOST - 1);
	assert_int_equal(gzdirect(packed), 0);
	gzclose(packed);
	fclose(file);
	unpacked->all = reader = (struct reader){unpacked->bytes, unpacked->bytes + size};
	unpacked->text_count = 0;
	while (next(&reader, &field))
		if (field.number == 6) {
			assert_in_range(unpacked->text_count, 0, 255);
			unpacked->texts[unpacked->text_count] = (const char *)field.bytes;
			unpacked->text_size[unpacked->text_count++] = field.size;
		}
}

static bool is_text(const struct unpacked *unpacked, uint64_t number, const char *text)
{
	assert_true(number < unpacked->text_count);
	return unpacked->text_size[number] == strlen(text) && !memcmp(unpacked->texts[number], text, strlen(text));
}

static size_t count_fields(const struct unpacked *unpacked, unsigned int number)
{
	struct reader reader = unpacked->all;
	struct field field;
	size_t count = 0;

	while (next(&reader, &field))
		count += field.number == number;
	return count;
}

/* The values of all samples, added up. */
static void sum_values(const struct unpacked *unpacked, uint64_t sums[3])
{
	struct reader reader = unpacked->all;
	struct field field, inner;

	memset(sums, 0, 3 * sizeof(*sums));
	while (next(&reader, &field)) {
		struct reader sample = inside(&field);

		while (field.number == 2 && next(&sample, &inner)) {
			struct reader values = inside(&inner);

			for (size_t i = 0; inner.number == 2 && values.at < values.end; i++) {
				assert_in_range(i, 0, 2);
				sums[i] += varint(&values);
			}
		}
	}
}

static void each_figure_adds_up(void **state)
{
	static struct unpacked unpacked;
	struct snapshot *snapshot = sample_with_stacks();
	struct reader reader;
	struct field field;
	uint64_t sums[3];

	(void)state;
	unpack(snapshot, STACK_VALUE_ZEROED, &unpacked);
	assert_int_equal(count_fields(&unpacked, 1), 3);
	assert_int_equal(count_fields(&unpacked, 2), snapshot->stacks->row_count);
	sum_values(&unpacked, sums);
	assert_int_equal(sums[0], 148);
	assert_int_equal(sums[1], snapshot->totals.counts.zeroed_bytes);
	assert_int_equal(sums[2], snapshot->totals.counts.fault_ns);
	assert_true(is_text(&unpacked, 0, ""));
	reader = unpacked.all;
	while (next(&reader, &field))
		if (field.number == 14)
			assert_true(is_text(&unpacked, field.value, "zeroed"));
	snapshot_free(snapshot);
}

/* How many lines has the location of that address? */
static size_t lines_at(const struct unpacked *unpacked, uint64_t address)
{
	struct reader reader = unpacked->all;
	struct field field, inner;
	size_t most = 0;

	while (next(&reader, &field)) {
		struct reader location = inside(&field);
		uint64_t at = 0;
		size_t lines = 0;

		if (field.number != 4)
			continue;
		while (next(&location, &inner)) {
			at = inner.number == 3 ? inner.value : at;
			lines += inner.number == 4;
		}
		if (at == address && lines > most)
			most = lines;
	}
	return most;
}

static void inlined_functions_are_lines_of_one_location(void **state)
{
	static struct unpacked unpacked;
	struct snapshot *snapshot = sample_with_stacks();

	(void)state;
	unpack(snapshot, STACK_VALUE_FAULTS, &unpacked);
	assert_int_equal(lines_at(&unpacked, 0x1180), 2);
	assert_int_equal(lines_at(&unpacked, 0x1200), 1);
	assert_int_equal(lines_at(&unpacked, UINT64_MAX - 0xff), 1);
	snapshot_free(snapshot);
}

static bool has_text(const struct unpacked *unpacked, const char *text)
{
	for (size_t i = 0; i < unpacked->text_count; i++)
		if (is_text(unpacked, i, text))
			return true;
	return false;
}

static void it_says_what_is_estimated_and_lost(void **state)
{
	static struct unpacked unpacked;
	struct snapshot *snapshot = sample_with_stacks();
	uint64_t sums[3];

	(void)state;
	for (size_t i = 0; i < snapshot->region_count; i++)
		snapshot->regions[i].counts.zeroed_bytes = UNKNOWN;
	sample_finish(snapshot);
	unpack(snapshot, STACK_VALUE_FAULTS, &unpacked);
	assert_int_equal(count_fields(&unpacked, 1), 2);
	sum_values(&unpacked, sums);
	assert_int_equal(sums[1], snapshot->totals.counts.fault_ns);
	assert_int_equal(sums[2], 0);
	assert_true(has_text(&unpacked, "estimates: stacks are of a sample of the faults, scaled to what was counted"));
	assert_true(has_text(&unpacked, "3 stacks were lost for lack of room"));
	assert_true(has_text(&unpacked, "zeroed: not measured"));
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_figure_adds_up),
	    cmocka_unit_test(inlined_functions_are_lines_of_one_location),
	    cmocka_unit_test(it_says_what_is_estimated_and_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
