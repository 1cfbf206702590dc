/* SPDX-License-Identifier: MIT */
/*
 * Which thread has which heap. A heap is taken at a thread's first allocation and abandoned when the thread ends; the
 * next new thread takes over the most recently abandoned one whole, with its slabs, so no slab ever changes owner while
 * it has live blocks.
 */
#ifndef HAKMEM_THREAD_H
#define HAKMEM_THREAD_H

#include "heap.h"

/* Gives the calling thread a heap if it has none. Returns heap_exited for a thread whose heap is gone for good, NULL
 * without memory; heap_none in hardened mode. */
struct heap *thread_attach(void);
/* A small block for a thread that has no heap (yet, or any more). */
void *thread_allocate(unsigned int class, bool exact, bool *zeroed);
/* The calling thread does without a heap from now on: it is to get none (hardened.h), and may have had one while the
 * library started. */
void thread_leave(void);
/* Gives up what is free in heaps that no thread has; true when there was anything. */
bool thread_reclaim_abandoned(void);
/* Creates the key whose destructor abandons the heap of a thread that ends. */
void thread_create_key(void);

/* How many heaps there are: as many as there ever were threads at once. */
unsigned int thread_heap_count(void);
/* Calls `visit` for every heap that no thread has, under the lock. */
void thread_each_abandoned(void (*visit)(struct heap *heap, void *argument), void *argument);
/* All heaps ever made, newest first; the list only grows. */
struct heap *thread_known_heaps(void);

void thread_lock(void);
void thread_unlock(void);
/* In a forked child: the other threads are not here, so what their heaps hold may be torn. */
void thread_freeze_others(void);

#endif
