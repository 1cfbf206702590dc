/* SPDX-License-Identifier: MIT */
/* Values of options. Each is 0, or -1 when the text is no such value. */
#ifndef PARSE_H
#define PARSE_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* "2", "0.5": more than 0, at most a year. */
int parse_seconds(const char *text, uint64_t *nanoseconds);

/* "0", "2", "0.5": since a beginning. */
int parse_moment(const char *text, uint64_t *nanoseconds);

/* "12,345", added to what pids has; a process named twice counts once. */
int parse_pids(const char *text, pid_t *pids, size_t room, size_t *count);

/* "0,2-3": the numbers of processors. */
int parse_processors(const char *text, cpu_set_t *set);

#endif
