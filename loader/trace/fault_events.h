/* SPDX-License-Identifier: MIT */
/*
 * The page-fault software events (bpf/fault_event.h): on a task, from where threads and children inherit them, or on
 * processors, for whoever runs there. The second can come and go while tasks run.
 */
#ifndef FAULT_EVENTS_H
#define FAULT_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/rung.h"

struct bpf_link;
struct bpf_program;

/* All zero: none is open. */
struct fault_events {
	struct bpf_link **links;
	size_t count;
};

/* 0, or -1 with the step and its error in `error`. Adds to those that are open. */
int fault_events_on_task(struct fault_events *events, struct bpf_program *program, pid_t pid, char error[REFUSAL_TEXT]);

#define FAULT_EVENTS_EVERYWHERE SIZE_MAX

/* On at most `most` processors, drawn at random where there are more. */
int fault_events_on_processors(
    struct fault_events *events, struct bpf_program *program, size_t most, char error[REFUSAL_TEXT]);

void fault_events_close(struct fault_events *events);

#endif
