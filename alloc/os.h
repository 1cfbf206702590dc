/* SPDX-License-Identifier: MIT */
/*
 * The seam to the kernel: every system call of libhakmem is made in os.c and nowhere else. No function here changes
 * errno, allocates, or takes a lock. Addresses and sizes given are page-aligned unless said otherwise.
 */
#ifndef HAKMEM_OS_H
#define HAKMEM_OS_H

#include "common.h"

/* Fresh zeroed memory that starts at a multiple of `alignment` (a power of two >= CHUNK_SIZE), or NULL. Nothing beyond
 * the `size` bytes stays mapped, and nothing is populated. */
void *os_map_aligned(size_t size, size_t alignment);
/* The same, but nothing of it can be touched before os_allow(), nor does it count against any limit on memory. */
void *os_reserve_aligned(size_t size, size_t alignment);
/* Let the program read and write a range, or neither. False when the kernel refuses: it has a limit on how many ranges
 * of different rights a process can have. */
bool os_allow(void *address, size_t size);
bool os_forbid(void *address, size_t size);
void os_unmap(void *address, size_t size);

/* Let a mapping grow or shrink where it lies. OS_IN_PIECES: the program has locked, protected or advised a part of it,
 * so that it is several mappings to the kernel, which will not move it either. */
enum os_resized { OS_RESIZED, OS_NO_ROOM, OS_IN_PIECES };
enum os_resized os_resize(void *address, size_t old_size, size_t new_size);
/* Move the pages of a mapping onto `target`, which is a mapping of new_size bytes and is replaced. On failure nothing
 * has moved, but some kernels have unmapped the target then: it must not be unmapped again. */
bool os_move(void *address, size_t old_size, void *target, size_t new_size);

/* Give pages back at once: true only when the kernel says so, and then they read as zero. Both purge exactly this range
 * or nothing: a range that is not whole pages of the kernel's is refused. */
bool os_purge(void *address, size_t size);
/* Let the kernel take the pages when it needs them; their contents are unknown from now on. */
bool os_purge_lazily(void *address, size_t size);
/* Make the pages present and writable without changing their contents. */
bool os_populate(void *address, size_t size);
void os_advise_huge(void *address, size_t size, bool huge);

/* Name a range for tracers (PR_SET_VMA); the result does not matter. */
void os_name_range(const void *address, size_t size, const char *name);

/* The process's environment, also before libc has been initialised; NULL when it cannot be known. */
char **os_environment(void);
/* The process runs with more rights than who started it has. */
bool os_is_secure(void);
size_t os_page_size(void);
/* A value that differs from run to run. */
uint64_t os_random(void);
/* A value that nobody can know; only while the library starts, for it takes a system call of its own. */
uint64_t os_secret(void);
/* How many ranges of different rights the kernel lets a process have; only while the library starts. */
size_t os_ranges_most(void);

/* A memory barrier in every thread of the process, wherever it is now. False when the kernel has or allows none. */
bool os_barrier(void);
void os_sleep(uint64_t nanoseconds);
void os_wait(const uint32_t *word, uint32_t value);
void os_wake(const uint32_t *word);

/* To standard error; to what it was at start when it has been closed since and os_keep_error_output() was called. */
void os_write_error(const char *text, size_t length);
/* Many programs close standard error on their way out, before statistics can be printed. */
void os_keep_error_output(void);
_Noreturn void os_abort(void);
/* Calls `look` with the address when an access faults, before the program ends by that. Not when it has a handler of
 * its own. */
void os_on_fault(void (*look)(const char *address));

/*
 * Exchange a request for a reply and a file descriptor over a Unix socket, whose name is abstract unless it begins with
 * a slash; -1 when anything goes wrong. A tracer that has started this process (abstract) is waited for up to a second;
 * who serves whoever comes (a path) 50 ms, and not at all when others wait in front already. No thread is cancelled
 * here, and no signal comes in between.
 */
int os_request_descriptor(
    const char *socket_name, const void *request, size_t request_size, void *reply, size_t reply_size);
/* Map a descriptor's memory, shared, and close the descriptor; NULL on failure. */
void *os_map_descriptor(int descriptor, uint64_t offset, size_t size);
/* System calls are filtered. True as well when that can't be asked for. */
bool os_is_sandboxed(void);
bool os_file_exists(const char *path);
int os_process_id(void);
/* The beginning of a file, as text; false when there is none. */
bool os_read_file(const char *path, char *text, size_t size);

#endif
