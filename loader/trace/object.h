/* SPDX-License-Identifier: MIT */
/* Which of the two builds of the BPF programs fits this kernel (bpf/kernel_features.h), opened and not loaded yet. */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>
#include <sys/types.h>

struct task_state;
struct trace; /* the skeleton of either */

/* Is it the build for kernels before 5.17? */
bool object_is_old(void);

/* NULL with errno set. */
struct trace *object_open(void);

/* A task's state, by its thread id. 0, or -1 with errno. */
int object_set_state(struct trace *object, pid_t id, const struct task_state *state);
int object_get_state(struct trace *object, pid_t id, struct task_state *state);

#endif
