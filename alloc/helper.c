// SPDX-License-Identifier: MIT
/*
 * helper: looks at each tick how little dirty memory was kept at any moment of the last second. So much nobody needed,
 * and so much is given back; what a program frees and takes again within the second stays.
 */
#include "helper.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "assist.h"
#include "cgroup.h"
#include "lock.h"
#include "medium.h"
#include "options.h"
#include "os.h"
#include "trim.h"

#define TICK_NS      100000000
#define WINDOW_TICKS 10 /* a second */
#define CACHED_SHARE 2  /* what threads have set aside is purged between such a part of that and twice it */
#define LEAST        (1 * MIB)
/* It ends when little was kept for so long: ending and starting again costs some 50 us. */
#define IDLE_TICKS 30

/* Besides what the C library and thread-local variables take of it, which it adds up by itself or refuses. */
#define STACK_SIZE ((size_t)128 << 10)

enum helper_state {
	HELPER_NONE,
	HELPER_RUNS,
	HELPER_REFUSED,
};

static COMPACT uint32_t state;
/* A vfork child runs in its parent's memory, but its thread would end with it, perhaps while it holds a lock. */
static COMPACT int process;

/* The C library, its parts, and the dynamic loader. */
#define RANGES 8

static COMPACT struct {
	uintptr_t start, end;
} c_library[RANGES];
static COMPACT unsigned int ranges;

bool helper_is_impossible(void)
{
	return ranges == 0 || option_value(OPTION_HELPER) == 0 ||
	       __atomic_load_n(&state, __ATOMIC_RELAXED) == HELPER_REFUSED;
}

static bool is_c_library(const char *path)
{
	static const char *const names[] = {"libc.", "libc-", "libpthread", "ld-", "ld."};
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static int note_object(struct dl_phdr_info *object, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	if (object->dlpi_name == NULL || !is_c_library(object->dlpi_name))
		return 0;
	for (unsigned int i = 0; i < object->dlpi_phnum && ranges < RANGES; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];

		if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
			continue;
		c_library[ranges].start = object->dlpi_addr + header->p_vaddr;
		c_library[ranges].end = c_library[ranges].start + header->p_memsz;
		ranges++;
	}
	return 0;
}

void helper_prepare(void)
{
	process = os_process_id();
	dl_iterate_phdr(note_object, NULL);
}

static bool may_hold_locks(const void *caller)
{
	for (unsigned int i = 0; i < ranges; i++)
		if ((uintptr_t)caller >= c_library[i].start && (uintptr_t)caller < c_library[i].end)
			return true;
	return ranges == 0;
}

void helper_forget(void)
{
	process = os_process_id();
	__atomic_store_n(&state, HELPER_NONE, __ATOMIC_RELAXED);
}

static bool become(enum helper_state from, enum helper_state to)
{
	uint32_t expected = from;

	return __atomic_compare_exchange_n(&state, &expected, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* The least that was kept at any moment since the window began. */
static size_t least(const size_t window[WINDOW_TICKS])
{
	size_t result = SIZE_MAX;

	for (unsigned int i = 0; i < WINDOW_TICKS; i++)
		if (window[i] < result)
			result = window[i];
	return result;
}

static void give_back(size_t unused)
{
	size_t kept = purge_kept_bytes();

	trim_to(kept > unused ? kept - unused : 0);
	purge_lowest(); /* what was before does not count any more */
}

static unsigned int delay_ticks(void)
{
	return assist_is_on() ? assist_delay_ticks() : WINDOW_TICKS;
}

/* How much nobody needed all the while; the window is of the last second. */
static size_t unused_bytes(size_t window[WINDOW_TICKS], unsigned int tick)
{
	size_t lowest = purge_lowest();

	if (assist_is_on())
		return assist_delay_tick(lowest);
	window[tick % WINDOW_TICKS] = lowest;
	return least(window);
}

static void give_back_unused(size_t window[WINDOW_TICKS], size_t unused)
{
	give_back(unused);
	if (assist_is_on())
		assist_delay_gave(unused);
	for (unsigned int i = 0; i < WINDOW_TICKS && !assist_is_on(); i++)
		window[i] -= unused;
}

static void look_until_idle(void)
{
	size_t window[WINDOW_TICKS] = {0};
	/* What was given back is watched for some time, whether it is touched again. */
	unsigned int idle = 0, idle_ticks = assist_is_on() ? POLICY_TICKS_MOST : IDLE_TICKS;

	if (assist_is_on())
		assist_delay_begin();
	for (unsigned int tick = 0; idle < idle_ticks; tick++) {
		size_t unused;

		os_sleep(TICK_NS);
		unused = unused_bytes(window, tick);
		if (unused >= LEAST)
			give_back_unused(window, unused);
		if (tick % (delay_ticks() / CACHED_SHARE) == 0)
			medium_purge_cached();
		idle = purge_kept_bytes() < HELPER_BOUND ? idle + 1 : 0;
	}
}

static void *run(void *argument)
{
	do {
		look_until_idle();
		become(HELPER_RUNS, HELPER_NONE);
		/* Whoever freed much just now may have seen this thread still running. */
	} while (purge_kept_bytes() > HELPER_BOUND && become(HELPER_NONE, HELPER_RUNS));
	return argument;
}

static int create(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

/* Where a sandbox refuses to say, it will refuse a thread, too. */
static bool is_vfork_child(void)
{
	int here = os_process_id();

	return here > 0 && here != process;
}

void helper_start(const void *caller)
{
	int saved = errno;

	if (__atomic_load_n(&state, __ATOMIC_RELAXED) != HELPER_NONE || option_value(OPTION_HELPER) == 0 ||
	    __atomic_load_n(&lock_fork_in_progress, __ATOMIC_RELAXED) || may_hold_locks(caller) || is_vfork_child() ||
	    !become(HELPER_NONE, HELPER_RUNS))
		return;
	/* Now, for the first bytes of a program are cheaper without, and it is not before much is kept that it matters.
	 */
	purge_have_memory(cgroup_memory_limit());
	if (create() != 0)
		become(HELPER_RUNS, HELPER_REFUSED);
	if (purge_over_limit())
		trim_to(purge_limit());
	errno = saved;
}
