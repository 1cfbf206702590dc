// SPDX-License-Identifier: MIT
/* The two-level table: what is entered is found, all else is foreign, and looking touches nothing of the address. */
#include "test.h"

#include "pagemap.h"

static struct chunk chunk_at(uintptr_t address)
{
	return (struct chunk){.kind = CHUNK_LARGE, .base = (char *)address};
}

static void finds_what_was_entered(void **state)
{
	struct chunk chunk = chunk_at(0x123456ULL << HAKMEM_CHUNK_SHIFT);

	(void)state;
	assert_null(pagemap_find(chunk.base));
	assert_true(pagemap_insert(&chunk));
	assert_ptr_equal(pagemap_find(chunk.base), &chunk);
	assert_ptr_equal(pagemap_find(chunk.base + CHUNK_SIZE - 1), &chunk);
	assert_null(pagemap_find(chunk.base + CHUNK_SIZE));
	assert_null(pagemap_find(chunk.base - 1));
	pagemap_remove(&chunk);
	assert_null(pagemap_find(chunk.base));
}

static void leaves_come_on_demand(void **state)
{
	struct chunk chunks[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		/* One in each of eight leaves. */
		chunks[i] = chunk_at((uintptr_t)(i + 1) << (HAKMEM_CHUNK_SHIFT + PAGEMAP_LEAF_BITS));
		assert_true(pagemap_insert(&chunks[i]));
	}
	for (int i = 0; i < 8; i++) {
		assert_ptr_equal(pagemap_find(chunks[i].base), &chunks[i]);
		pagemap_remove(&chunks[i]);
	}
}

static void any_address_may_be_asked_for(void **state)
{
	(void)state;
	assert_null(pagemap_find(NULL));
	assert_null(pagemap_find((void *)8));
	assert_null(pagemap_find((void *)UINTPTR_MAX));
	assert_null(pagemap_find((void *)((uintptr_t)1 << PAGEMAP_ADDRESS_BITS)));
	assert_null(pagemap_find((void *)0x4141414141414141ULL));
	assert_null(pagemap_find(&state));
	assert_null(pagemap_find((void *)&pagemap));
}

static void an_address_out_of_bounds_is_refused(void **state)
{
	struct chunk chunk = chunk_at((uintptr_t)1 << PAGEMAP_ADDRESS_BITS);

	(void)state;
	assert_false(pagemap_insert(&chunk));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_what_was_entered),
	    cmocka_unit_test(leaves_come_on_demand),
	    cmocka_unit_test(any_address_may_be_asked_for),
	    cmocka_unit_test(an_address_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
