/* SPDX-License-Identifier: MIT */
/*
 * From a stack as BPF took it to its raw frames, with what is known of each process's code: from the kernel's records
 * of what it maps, and /proc. Not thread-safe.
 */
#ifndef STACK_UNWIND_H
#define STACK_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stack/jit_maps.h"
#include "stack/stack_rows.h"

#define STACK_FRAMES_LIMIT 256 /* more than that are cut */

struct stack_unwind;

/* every_task: of the machine, or of those that are followed. NULL with errno. */
struct stack_unwind *stack_unwind_new(bool every_task);
void stack_unwind_free(struct stack_unwind *unwind);

/* Follow a task that is about to execute a program. 0, or -1 with errno. */
int stack_unwind_follow(struct stack_unwind *unwind, pid_t pid);

/* Know a process that runs already. */
void stack_unwind_seed(struct stack_unwind *unwind, pid_t pid);

/*
 * Take what was mapped, forked and executed up to that time (CLOCK_MONOTONIC, ns): no stack that is older comes any
 * more.
 */
uint64_t stack_unwind_now(void);
void stack_unwind_update(struct stack_unwind *unwind, uint64_t time_ns);

/*
 * A record of kind STACK_FRAMES, STACK_COPY or STACK_EXEC, whose size was checked: the innermost frame first, as
 * indices of rows->frames. *whole: the outermost one is there, too. How many; 0: out of memory.
 */
size_t stack_unwind_frames(struct stack_unwind *unwind, const struct stack_head *head, struct stack_rows *rows,
    uint32_t frames[STACK_FRAMES_LIMIT], bool *whole);

/* The same of a record of kind STACK_SITE, ended by RAW_CUT. */
size_t stack_unwind_site(struct stack_unwind *unwind, const struct stack_site *site, struct stack_rows *rows,
    uint32_t frames[SITE_FRAMES + 1]);

/* Files that processes have mapped executable, in the order in which they were met; false: there are not so many. */
bool stack_unwind_mapped(const struct stack_unwind *unwind, size_t number, const char **path, uint64_t *inode);

struct code_files *stack_unwind_files(struct stack_unwind *unwind);
struct jit_maps *stack_unwind_jit_maps(struct stack_unwind *unwind);

#endif
