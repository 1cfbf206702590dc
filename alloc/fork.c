// SPDX-License-Identifier: MIT
/*
 * fork: the forking thread holds every lock while the process is copied, so what the locks guard is whole in the child.
 * The forking thread's own heap is whole because that thread is in fork() and not in malloc. Other threads' heaps may
 * be torn anywhere: the child freezes them. Blocks in them stay readable, and frees of them queue up.
 */
#include "fork.h"

#include <pthread.h>

#include "costs.h"
#include "hardened.h"
#include "helper.h"
#include "extents.h"
#include "lock.h"
#include "medium.h"
#include "metadata.h"
#include "superslab.h"
#include "thread.h"

static void before(void)
{
	/* In the order of rank (lock.h). */
	costs_lock();
	thread_lock();
	medium_lock();
	extents_lock();
	hardened_lock();
	superslab_lock();
	metadata_lock();
	lock_fork_begin();
}

static void in_parent(void)
{
	lock_fork_end();
	metadata_unlock();
	superslab_unlock();
	hardened_unlock();
	extents_unlock();
	medium_unlock();
	thread_unlock();
	costs_unlock();
}

static void in_child(void)
{
	lock_fork_end();
	metadata_reset_lock();
	superslab_reset_lock();
	hardened_reset_lock();
	extents_reset_lock();
	medium_reset_lock();
	costs_reset_lock();
	thread_freeze_others();
	costs_drop();
	helper_forget();
}

void fork_register(void)
{
	pthread_atfork(before, in_parent, in_child);
}
