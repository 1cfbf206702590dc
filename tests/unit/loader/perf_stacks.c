// SPDX-License-Identifier: MIT
/* Samples with stacks as the kernel writes them, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "machine/perf_decode.h"

#define IDENTIFIER 77

static const uint64_t identifiers[] = {IDENTIFIER};
static const struct perf_layout layout = {.identifiers = identifiers, .count = 1, .stacks = true};

struct sample {
	struct perf_event_header header;
	uint64_t identifier, ip;
	uint32_t pid, tid;
	uint64_t time, address;
	uint64_t rest[16]; /* how many frames, these, ABI, flags */
};

static int decode(uint16_t mode, size_t rest_size, const uint64_t *rest, struct perf_record *record)
{
	struct sample sample = {
	    .header = {.type = PERF_RECORD_SAMPLE, .misc = mode, .size = offsetof(struct sample, rest) + 8 * rest_size},
	    .identifier = IDENTIFIER,
	    .ip = 0x1234,
	    .pid = 5,
	    .tid = 6,
	    .time = 7};

	memcpy(sample.rest, rest, 8 * rest_size);
	return perf_decode(&sample.header, &layout, record);
}

static void a_kernel_stack_without_its_marks(void **state)
{
	const uint64_t rest[] = {4, PERF_CONTEXT_KERNEL, 0xffffffff81000010, 0xffffffff81000020, 0xffffffff81000030,
	    PERF_SAMPLE_REGS_ABI_64, 0x246};
	struct perf_record record;

	(void)state;
	assert_int_equal(decode(PERF_RECORD_MISC_KERNEL, 7, rest, &record), 1);
	assert_int_equal(record.kind, PERF_SAMPLED);
	assert_true(record.kernel);
	assert_int_equal(record.pid, 5);
	assert_int_equal(record.frame_count, 3);
	assert_true(record.frames[0] == 0xffffffff81000010);
	assert_true(record.frames[2] == 0xffffffff81000030);
	assert_int_equal(record.processor_flags, 0x246);
	perf_record_drop(&record);
}

static void user_space_has_an_address_and_flags(void **state)
{
	const uint64_t rest[] = {0, PERF_SAMPLE_REGS_ABI_64, 0x10287};
	const uint64_t without[] = {0, PERF_SAMPLE_REGS_ABI_NONE};
	struct perf_record record;

	(void)state;
	assert_int_equal(decode(PERF_RECORD_MISC_USER, 3, rest, &record), 1);
	assert_false(record.kernel);
	assert_int_equal(record.instruction, 0x1234);
	assert_int_equal(record.processor_flags, 0x10287);
	assert_null(record.frames);
	assert_int_equal(decode(PERF_RECORD_MISC_USER, 2, without, &record), 1);
	assert_int_equal(record.processor_flags, 0);
}

static void a_stack_that_is_longer_than_its_record(void **state)
{
	const uint64_t rest[] = {400, 1, 2};
	struct perf_record record;

	(void)state;
	assert_int_equal(decode(PERF_RECORD_MISC_KERNEL, 3, rest, &record), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_kernel_stack_without_its_marks),
	    cmocka_unit_test(user_space_has_an_address_and_flags),
	    cmocka_unit_test(a_stack_that_is_longer_than_its_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
