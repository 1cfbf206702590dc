// SPDX-License-Identifier: MIT
/*
 * trim: asks each pool in turn.
 */
#include "trim.h"

#include "extents.h"
#include "hardened.h"
#include "medium.h"
#include "runs.h"
#include "superslab.h"
#include "thread.h"

bool trim_everything(void)
{
	bool released = runs_flush(heap_current);

	released |= extents_trim(0);
	thread_reclaim_abandoned();
	released |= medium_trim(0);
	released |= superslab_trim(0);
	released |= hardened_trim();
	return released;
}

void trim_to(size_t most)
{
	thread_reclaim_abandoned();
	extents_trim(most);
	medium_trim(most);
	superslab_trim(most);
}
