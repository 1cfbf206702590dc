/* SPDX-License-Identifier: MIT */
/*
 * Quick tries of what a rung stands on: a program of two instructions is really loaded and attached, because neither
 * the presence of a symbol nor a kernel option tells whether that is allowed. Each returns 0, or -1 with the step that
 * failed, its error and what would help.
 */
#ifndef PROBE_H
#define PROBE_H

#include "trace/rung.h"

int probe_fentry(char reason[RUNG_REASON]);
int probe_kprobe(char reason[RUNG_REASON]);

/* What perf_event_open() calls kprobes; -1: it has none. */
int probe_kprobe_type(void);

/* "STEP: Operation not permitted (EPERM)", and what would help. Always returns -1. */
int probe_failed(char reason[RUNG_REASON], const char *step, int error);

#endif
