// SPDX-License-Identifier: MIT
/*
 * startup: the first allocation may come from the dynamic loader, long before constructors run and before libc is
 * initialised, so what it needs is done then, with nothing that allocates. Should a system call's wrapper allocate
 * (another preloaded library's own), that is served before starting is complete. Statistics are printed by a
 * destructor.
 */
#include "startup.h"

#include "assist.h"
#include "common.h"
#include "costs.h"
#include "fork.h"
#include "hardened.h"
#include "helper.h"
#include "lock.h"
#include "options.h"
#include "os.h"
#include "publish.h"
#include "stats.h"
#include "thread.h"

static COMPACT struct lock lock;
static COMPACT bool done;
static COMPACT struct heap **starting_thread; /* told by the address of its thread-local pointer */

void startup_ensure(void)
{
	char **environment;
	bool secure;

	if (LIKELY(__atomic_load_n(&done, __ATOMIC_ACQUIRE)))
		return;
	if (__atomic_load_n(&starting_thread, __ATOMIC_RELAXED) == &heap_current)
		return;
	lock_take(&lock);
	if (!done) {
		__atomic_store_n(&starting_thread, &heap_current, __ATOMIC_RELAXED);
		/* Now and not in the constructor, before which other libraries' may have started and ended threads. */
		thread_create_key();
		environment = os_environment();
		secure = os_is_secure();
		options_read(environment, secure);
		if (option_value(OPTION_STATS) != 0)
			os_keep_error_output();
		publish_start();
		if (option_value(OPTION_HARDENED) != 0)
			hardened_start();
		costs_start(environment, secure);
		assist_start();
		/* Early, for handlers registered first run last before a fork: those of other libraries may wait for
		 * threads that are allocating. */
		fork_register();
		__atomic_store_n(&starting_thread, NULL, __ATOMIC_RELAXED);
		__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	}
	lock_give(&lock);
}

__attribute__((constructor(101))) static void construct(void)
{
	startup_ensure();
	helper_prepare();
}

__attribute__((destructor(101))) static void destruct(void)
{
	if (hardened_is_on())
		hardened_check_all();
	if (option_value(OPTION_STATS) != 0)
		stats_print();
}
