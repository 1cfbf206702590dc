// SPDX-License-Identifier: MIT
/*
 * trim: asks each pool in turn.
 */
#include "trim.h"

#include "assist.h"
#include "extents.h"
#include "hardened.h"
#include "heap.h"
#include "medium.h"
#include "purge.h"
#include "superslab.h"
#include "thread.h"

bool trim_everything(void)
{
	bool released = heap_flush_large(heap_current);

	released |= extents_trim(0);
	thread_reclaim_abandoned();
	released |= medium_trim(0);
	released |= superslab_trim(0);
	released |= hardened_trim();
	return released;
}

/* Others free and allocate meanwhile: it is about right. */
static size_t count_returned(enum policy_pool pool, size_t before)
{
	size_t kept = purge_kept_bytes();

	if (kept < before)
		assist_count_returned(pool, before - kept);
	return kept;
}

void trim_to(size_t most)
{
	size_t kept;

	thread_reclaim_abandoned();
	kept = purge_kept_bytes();
	extents_trim(most);
	kept = count_returned(POLICY_LARGE, kept);
	medium_trim(most);
	kept = count_returned(POLICY_MEDIUM, kept);
	superslab_trim(most);
	count_returned(POLICY_SMALL, kept);
}
