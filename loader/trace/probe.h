/* SPDX-License-Identifier: MIT */
/*
 * Quick tries of what a rung stands on: a program of two instructions is really loaded and attached, because neither
 * the presence of a symbol nor a kernel option tells whether that is allowed. Each returns 0, or -1 with the step that
 * failed, its error and what would help.
 */
#ifndef PROBE_H
#define PROBE_H

#include "trace/rung.h"

int probe_fentry(char reason[REFUSAL_TEXT]);
int probe_kprobe(char reason[REFUSAL_TEXT]);

/* What perf_event_open() calls kprobes; -1: it has none. */
int probe_kprobe_type(void);

#endif
