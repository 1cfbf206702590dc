// SPDX-License-Identifier: MIT
/*
 * trim: asks each pool in turn.
 */
#include "trim.h"

#include "large.h"
#include "medium.h"
#include "superslab.h"
#include "thread.h"

bool trim_everything(void)
{
	bool released = large_trim();

	thread_reclaim_abandoned();
	released |= medium_trim();
	released |= superslab_trim();
	return released;
}
