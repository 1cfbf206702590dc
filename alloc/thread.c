// SPDX-License-Identifier: MIT
/*
 * thread: attaching, abandoning and taking over heaps. After its destructor has run, a thread may still allocate and
 * free (other destructors do): it then borrows an abandoned heap for one call at a time, so nothing leaks however late
 * it comes.
 */
#include "thread.h"

#include <pthread.h>

#include "hardened.h"
#include "lock.h"
#include "metadata.h"
#include "startup.h"

static COMPACT struct lock lock;
static COMPACT struct heap *known;
static COMPACT struct heap *abandoned;
static COMPACT unsigned int heap_count;
static COMPACT unsigned int kept_count;
static COMPACT pthread_key_t key;
static COMPACT bool key_created;

/*
 * Where threads come and go, the next one takes a heap over within moments, and what it would have to look for is ready
 * in it: so a few heaps stay as they are. What they hold is given up when somebody needs memory.
 */
#define KEPT_MOST 4

static bool may_keep_ready(void)
{
	bool may;

	lock_take(&lock);
	may = kept_count < KEPT_MOST;
	kept_count += may;
	lock_give(&lock);
	return may;
}

static void abandon(struct heap *heap)
{
	lock_take(&lock);
	heap->state = HEAP_ABANDONED;
	heap->next_abandoned = abandoned;
	abandoned = heap;
	lock_give(&lock);
}

static struct heap *new_heap(void)
{
	struct heap *heap = metadata_allocate(sizeof(struct heap));

	if (heap == NULL)
		return NULL;
	heap_begin(heap, __atomic_add_fetch(&heap_count, 1, __ATOMIC_RELAXED));
	heap->next_known = known;
	__atomic_store_n(&known, heap, __ATOMIC_RELEASE);
	return heap;
}

static struct heap *take_heap(void)
{
	struct heap *heap;

	lock_take(&lock);
	heap = abandoned;
	if (heap != NULL)
		abandoned = heap->next_abandoned;
	else
		heap = new_heap();
	if (heap != NULL) {
		heap->state = HEAP_ATTACHED;
		kept_count -= heap->ready_kept;
		heap->ready_kept = false;
	}
	lock_give(&lock);
	return heap;
}

static void thread_ends(void *value)
{
	struct heap *heap = heap_current;

	/* Other keys' destructors may need the heap; they have had their turn when the value is seen again. */
	if (value == heap && pthread_setspecific(key, &key) == 0)
		return;
	heap_current = (struct heap *)&heap_exited;
	heap->ready_kept = may_keep_ready();
	if (heap->ready_kept)
		heap_flush_large(heap);
	else
		heap_flush(heap);
	abandon(heap);
}

void thread_create_key(void)
{
	key_created = pthread_key_create(&key, thread_ends) == 0;
}

struct heap *thread_attach(void)
{
	struct heap *heap = heap_current;

	if (heap != &heap_none)
		return heap;
	startup_ensure();
	if (heap_current != &heap_none || hardened_is_on())
		return heap_current; /* starting allocated; or no thread is to have one */
	heap = take_heap();
	if (heap == NULL)
		return NULL;
	heap_current = heap;
	/* May allocate, which works from here on. */
	if (key_created)
		pthread_setspecific(key, heap);
	return heap;
}

void thread_leave(void)
{
	struct heap *heap = heap_current;

	if (!heap_is_real(heap))
		return;
	if (key_created)
		pthread_setspecific(key, NULL);
	heap_current = (struct heap *)&heap_none;
	heap_flush(heap);
	abandon(heap);
}

static void *borrow_and_allocate(unsigned int class, bool exact, bool *zeroed)
{
	struct heap *heap = take_heap();
	void *block;

	if (heap == NULL)
		return NULL;
	block = heap_refill(heap, class, exact, zeroed);
	heap_flush(heap);
	abandon(heap);
	return block;
}

void *thread_allocate(unsigned int class, bool exact, bool *zeroed)
{
	struct heap *heap = thread_attach();

	if (heap == NULL)
		return NULL;
	if (!heap_is_real(heap))
		return borrow_and_allocate(class, exact, zeroed);
	return heap_refill(heap, class, exact, zeroed);
}

bool thread_reclaim_abandoned(void)
{
	bool any = false;

	lock_take(&lock);
	for (struct heap *heap = abandoned; heap != NULL; heap = heap->next_abandoned) {
		if (!heap->ready_kept && __atomic_load_n(&heap->remote, __ATOMIC_RELAXED) == NULL)
			continue;
		kept_count -= heap->ready_kept;
		heap->ready_kept = false;
		heap_flush(heap);
		any = true;
	}
	lock_give(&lock);
	return any;
}

void thread_each_abandoned(void (*visit)(struct heap *heap, void *argument), void *argument)
{
	lock_take(&lock);
	for (struct heap *heap = abandoned; heap != NULL; heap = heap->next_abandoned)
		visit(heap, argument);
	lock_give(&lock);
}

unsigned int thread_heap_count(void)
{
	return __atomic_load_n(&heap_count, __ATOMIC_RELAXED);
}

struct heap *thread_known_heaps(void)
{
	return __atomic_load_n(&known, __ATOMIC_ACQUIRE);
}

void thread_lock(void)
{
	lock_take(&lock);
}

void thread_unlock(void)
{
	lock_give(&lock);
}

void thread_freeze_others(void)
{
	lock_reset(&lock);
	for (struct heap *heap = known; heap != NULL; heap = heap->next_known)
		if (heap != heap_current && heap->state == HEAP_ATTACHED)
			heap->state = HEAP_FROZEN;
}
